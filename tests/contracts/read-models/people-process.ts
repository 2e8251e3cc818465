// A process that keeps the people model until it is killed: node people-process.ts DATA_DIR. Prints a line for each step.

import { join } from 'node:path';
import { streamsWithPrefix } from '../../../src/event-log/index.ts';
import { startProjector } from '../../../src/projector/index.ts';

const dataDir = process.argv[2]!;
const options = {
  dataDir,
  logFile: join(dataDir, 'log.sqlite'),
  streams: streamsWithPrefix(''),
  model: 'people',
} as const;
await startProjector({
  ...options,
  onProgress: ({ sequence }) => process.stdout.write(`visible ${sequence}\n`),
  onSaved: ({ sequence }) => process.stdout.write(`${sequence}\n`),
});
