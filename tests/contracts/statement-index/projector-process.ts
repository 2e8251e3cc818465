// A process that projects until it is killed: node projector-process.ts DATA_DIR. Prints a line for each commit.

import { join } from 'node:path';
import { streamsWithPrefix } from '../../../src/event-log/index.ts';
import { startProjector } from '../../../src/projector/index.ts';

const dataDir = process.argv[2]!;
await startProjector({
  dataDir,
  logFile: join(dataDir, 'log.sqlite'),
  streams: streamsWithPrefix(''),
  onSaved: ({ sequence }) => process.stdout.write(`${sequence}\n`),
});
