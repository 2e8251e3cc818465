// What a whole store takes of batches over HTTP, beside what its parts take alone in the same run: JSON lines.
//
//   npm run bench -- ingest [--seconds 10] [--statements 1000000] [--keep DIR] [--profile DIR]
//
// First as fast as batches are acknowledged, then at a rate at which the statement index must keep up; `--only flat` or
// `--only paced` for one of them. The load comes from this process. With --statements the store already holds so many; with
// --keep their folder is kept for the next run. With --profile every thread of the store leaves its CPU profile in DIR.

import { Agent } from 'node:http';
import { tmpdir } from 'node:os';
import { parseArgs } from 'node:util';
import { say, sayMachine } from './setup/figures.ts';
import { fillFolder, openFolder } from './setup/fill.ts';
import { makeLoad } from './setup/load.ts';
import { post, watched } from './setup/posting.ts';
import { sayParsing, sayRawAppend } from './setup/references.ts';
import { readyOf, startStore } from './setup/store.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '10' },
    connections: { type: 'string', default: '8' },
    batch: { type: 'string', default: '100' },
    rate: { type: 'string', default: '10000' },
    only: { type: 'string', default: 'references,flat,paced' },
    statements: { type: 'string', default: '0' },
    keep: { type: 'string' },
    folder: { type: 'string', default: tmpdir() },
    profile: { type: 'string' },
    seed: { type: 'string', default: '1' },
  },
});
const batch = Number(values.batch);
const seed = Number(values.seed);
const wanted = new Set(values.only.split(','));

sayMachine({ seconds: Number(values.seconds), statements: Number(values.statements) });
const folder = openFolder(values.keep, values.folder);
try {
  const load = makeLoad(seed, batch);
  if (wanted.has('references')) {
    sayParsing(load, batch);
    await sayRawAppend(folder.dataDir, load, 500);
  }
  if (Number(values.statements) > 0) await fillFolder(folder.dataDir, Number(values.statements), seed);
  const store = await startStore(folder.dataDir, { profile: values.profile });
  const { recording } = await readyOf(new Agent(), store);
  // Of a kept folder the next run sends other statements.
  const fresh = makeLoad(seed + recording.sequence, batch);
  const posting = { load: fresh, batch, connections: Number(values.connections), seconds: Number(values.seconds) };
  try {
    const url = `${store.url}/xapi/statements`;
    if (wanted.has('flat')) say(`batches of ${batch}`, await watched(store, post(url, posting)));
    if (wanted.has('paced')) {
      const rate = Number(values.rate);
      say(`batches of ${batch} at ${rate} statements/s`, await watched(store, post(url, { ...posting, rate })));
    }
  } finally {
    await store.stop();
  }
} finally {
  folder.done();
}
