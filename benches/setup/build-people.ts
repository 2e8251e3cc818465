// Builds the people model of a data folder again, in a process of its own: what it takes of memory is seen from outside.

import { dataFolderAt } from '../../src/event-log/sqlite/data-folder.ts';
import { streamsWithPrefix } from '../../src/event-log/streams.ts';
import { rebuildModel } from '../../src/projector/index.ts';

const dataDir = process.argv[2]!;
const { logFile } = dataFolderAt(dataDir);
if (!(await rebuildModel('people', { dataDir, logFile, streams: streamsWithPrefix('') }))) process.exitCode = 1;
