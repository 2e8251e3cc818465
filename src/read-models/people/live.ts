// The people model that answers now, for those who read it on a thread of their own.

import { OtherModelVersion } from '../files.ts';
import { GenerationFollower } from '../follower.ts';
import { PEOPLE, PeopleReader } from './index.ts';

/** Goes over to a rebuilt one as soon as that has come as far. */
export function followLivePeople(dataDir: string): GenerationFollower<PeopleReader> {
  return new GenerationFollower(PEOPLE, dataDir, { withBuilding: false }, (database) => new PeopleReader(database));
}

/** The one that answers at this moment, for as long as it is held; undefined while there is none. */
export function openLivePeople(dataDir: string): { readonly reader: PeopleReader; close(): void } | undefined {
  const { live } = PEOPLE.files.read(dataDir);
  if (live === undefined) return undefined;
  try {
    const database = PEOPLE.open(PEOPLE.files.file(dataDir, live));
    return { reader: new PeopleReader(database), close: () => database.close() };
  } catch (error) {
    if (error instanceof OtherModelVersion) return undefined;
    throw error;
  }
}
