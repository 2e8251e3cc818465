// The people model that answers now, for those who read it on a thread of their own.

import { ModelFiles, OtherModelVersion } from '../files.ts';
import { GenerationFollower } from '../follower.ts';
import { openPeopleForReading } from './file.ts';
import { PeopleReader, readPeopleCheckpoint } from './reader.ts';

const FILES = new ModelFiles('people');

/** Goes over to a rebuilt one as soon as that has come as far. */
export function followLivePeople(dataDir: string): GenerationFollower<PeopleReader> {
  const model = { files: FILES, open: openPeopleForReading, checkpoint: readPeopleCheckpoint };
  return new GenerationFollower(model, dataDir, { withBuilding: false }, (database) => new PeopleReader(database));
}

/** The one that answers at this moment, for as long as it is held; undefined while there is none. */
export function openLivePeople(dataDir: string): { readonly reader: PeopleReader; close(): void } | undefined {
  const { live } = FILES.read(dataDir);
  if (live === undefined) return undefined;
  try {
    const database = openPeopleForReading(FILES.file(dataDir, live));
    return { reader: new PeopleReader(database), close: () => database.close() };
  } catch (error) {
    if (error instanceof OtherModelVersion) return undefined;
    throw error;
  }
}
