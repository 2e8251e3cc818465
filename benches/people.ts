// The people model of a made-up state of Uttar Pradesh's size: JSON lines.
//
//   npm run bench -- people [--scale 0.01] [--keep DIR] [--only make,…]

import { tmpdir } from 'node:os';
import { parseArgs } from 'node:util';
import { sayMachine } from './setup/figures.ts';
import { openFolder } from './setup/fill.ts';
import { fillStateLog } from './setup/state-record.ts';

const { values } = parseArgs({
  options: {
    scale: { type: 'string', default: '0.01' },
    only: { type: 'string', default: 'make' },
    keep: { type: 'string' },
    folder: { type: 'string', default: tmpdir() },
    profile: { type: 'string' },
    seed: { type: 'string', default: '1' },
  },
});
const scale = Number(values.scale);
const seed = Number(values.seed);

sayMachine({ scale });
const folder = openFolder(values.keep, values.folder);
try {
  await fillStateLog(folder.dataDir, scale, seed);
} finally {
  folder.done();
}
