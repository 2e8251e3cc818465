// Single statements over HTTP, a request each, beside bare Express 5 under the same requests: JSON lines.
//
//   npm run bench -- single [--seconds 10] [--connections 32] [--statements 1000000] [--keep DIR] [--profile DIR]

import { Agent } from 'node:http';
import { tmpdir } from 'node:os';
import { parseArgs } from 'node:util';
import { say, sayMachine } from './setup/figures.ts';
import { fillFolder, openFolder } from './setup/fill.ts';
import { makeLoad } from './setup/load.ts';
import { post, watched } from './setup/posting.ts';
import { sayBareExpress, sayRawAppend } from './setup/references.ts';
import { readyOf, startStore } from './setup/store.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '10' },
    connections: { type: 'string', default: '32' },
    statements: { type: 'string', default: '0' },
    keep: { type: 'string' },
    folder: { type: 'string', default: tmpdir() },
    profile: { type: 'string' },
    seed: { type: 'string', default: '2' },
  },
});
const seed = Number(values.seed);

sayMachine({ seconds: Number(values.seconds), statements: Number(values.statements) });
const folder = openFolder(values.keep, values.folder);
try {
  const load = makeLoad(seed, 1);
  const posting = { load, batch: 1, connections: Number(values.connections), seconds: Number(values.seconds) };
  await sayBareExpress(posting);
  await sayRawAppend(folder.dataDir, load, 1);
  if (Number(values.statements) > 0) await fillFolder(folder.dataDir, Number(values.statements), seed);
  const store = await startStore(folder.dataDir, { profile: values.profile });
  try {
    const { recording } = await readyOf(new Agent(), store);
    // Of a kept folder the next run sends other statements.
    const fresh = makeLoad(seed + recording.sequence, 1);
    const work = post(`${store.url}/xapi/statements`, { ...posting, load: fresh });
    say('single statements', await watched(store, work));
  } finally {
    await store.stop();
  }
} finally {
  folder.done();
}
