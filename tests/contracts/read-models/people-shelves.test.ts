// The shelves of a batch that touches more of them than are held in memory at once.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type ActivityNumber, STANDING, type SubjectNumber } from '../../../projections/inputs/types.ts';
import { putting } from '../../../src/read-models/people/changes.ts';
import { openPeopleForWriting } from '../../../src/read-models/people/file.ts';
import { SUBJECTS_A_SHELF } from '../../../src/read-models/people/layout.ts';
import { OpenShelves } from '../../../src/read-models/people/open-shelves.ts';
import { ENTRY_BYTES } from '../../../src/read-models/people/shelves.ts';

/** More than are held, and more than are put aside. */
const SHELVES = 60_000;

test('every change of a batch is written, however many shelves it touches', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pramaan-shelves-'));
  const database = openPeopleForWriting(join(folder, 'people.sqlite'));
  try {
    const shelves = new OpenShelves(database);
    database.exec('BEGIN');
    for (let shelf = 0; shelf < SHELVES; shelf++) {
      const subject = (shelf * SUBJECTS_A_SHELF) as SubjectNumber;
      const fact = { is: 'fact', kind: 'completed', activity: 1 as ActivityNumber, at: 0 } as const;
      shelves.change(subject, putting(subject, { ...fact, recorded: shelf, withdrawn: STANDING }));
    }
    shelves.write();
    database.exec('COMMIT');
    const written = database.prepare('SELECT count(*) AS shelves, sum(length(entries)) AS bytes FROM shelf').get();
    expect(written).toMatchObject({ shelves: SHELVES, bytes: SHELVES * ENTRY_BYTES });
  } finally {
    database.close();
    rmSync(folder, { recursive: true });
  }
});
