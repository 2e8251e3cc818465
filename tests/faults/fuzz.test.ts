// Rubbish in, refusals out: thousands of valid and spoiled requests to every resource. No answer is a fault of the store's, every
// refusal is problem+json of a known kind, and memory, handles, the record and the index are afterwards as they should be.
// TEST_FUZZ_SEED has a failure again, TEST_FUZZ_REQUESTS makes it longer; `npm run bench -- fuzz` sends 100,000.

import { existsSync } from 'node:fs';
import { afterAll, expect, test } from 'vitest';
import { newFolder, removeFolders, startServer } from '../journeys/server.ts';
import { fuzz } from './fuzz/fuzz.ts';
import { Wire } from './fuzz/wire.ts';

const SEED = Number(process.env.TEST_FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31));
const REQUESTS = Number(process.env.TEST_FUZZ_REQUESTS ?? 4_000);

afterAll(removeFolders);

// Memory and handles are read from Linux's own account of the process.
test.skipIf(!existsSync('/proc/self/fd'))(
  `of ${REQUESTS} spoiled requests none is answered 5xx and none leaves a trace`,
  async () => {
    const { failures, rssMiB, handles, ...result } = await fuzz({
      seed: SEED,
      requests: REQUESTS,
      dataDir: newFolder(),
    });
    console.log(JSON.stringify({ seed: SEED, ...result, rssMiB, handles }));
    expect(failures).toEqual([]);
    expect(result.requests).toBe(REQUESTS);
    expect(handles.after).toBeLessThanOrEqual(handles.before);
    expect(rssMiB.end).toBeLessThan(rssMiB.warm * 1.5 + 64);
    // Otherwise it tested one door only.
    expect(Object.keys(result.kinds).length).toBeGreaterThan(12);
  },
);

test('a request without a host is refused in our words, and an unknown expectation is passed over', async () => {
  const server = await startServer({ dataDir: newFolder() });
  const ask = (headers: string) =>
    new Wire(server.url).ask(Buffer.from(`GET /xapi/about HTTP/1.1\r\n${headers}Connection: close\r\n\r\n`), {
      isHead: false,
      lies: false,
    });
  try {
    const hostless = await ask('');
    expect(hostless?.status).toBe(400);
    expect(hostless?.headers.get('content-type')).toBe('application/problem+json');
    expect((await ask('Host: localhost\r\nExpect: 200-ok\r\n'))?.status).toBe(200);
  } finally {
    await server.stop();
  }
});
