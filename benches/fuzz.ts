// The fuzzer at length: 100,000 valid and spoiled requests to every resource of a server of its own, with its memory and handles on the
// way. JSON lines; ends with 1 when an answer was none that a client may get.
//
//   npm run bench -- fuzz --requests 100000 --seed 7
//   npm run bench -- fuzz --seed 7 --from 4711 --requests 1     one request of that seed alone

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { fuzz } from '../tests/faults/fuzz/fuzz.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
    requests: { type: 'string', default: '100000' },
    from: { type: 'string', default: '0' },
    connections: { type: 'string', default: '4' },
  },
});
const dataDir = mkdtempSync(join(tmpdir(), 'pramaan-fuzz-'));
const say = (line: object) => console.log(JSON.stringify({ bench: 'fuzz', ...line }));

try {
  const { failures, ...result } = await fuzz({
    seed: Number(values.seed),
    requests: Number(values.requests),
    from: Number(values.from),
    connections: Number(values.connections),
    dataDir,
    onProgress: say,
  });
  say({
    seed: Number(values.seed),
    ...result,
    perSecond: Math.round(result.requests / result.seconds),
    failures: failures.length,
  });
  for (const failure of failures) console.error(`${failure}\n`);
  if (failures.length > 0) process.exitCode = 1;
} finally {
  rmSync(dataDir, { recursive: true, force: true });
}
