// The people queries as everybody gets them: through the read workers, which follow the model from generation to generation.

import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { DEPARTMENT_OPENED } from '../../../contracts/events/index.ts';
import { streamsWithPrefix } from '../../../src/event-log/index.ts';
import { openReadWorkers, type ReadWorkers } from '../../../src/read-models/index.ts';
import { PeopleNotReady } from '../../../src/read-models/people/queries/port.ts';
import { PeopleRecord } from './people-record.ts';

let record: PeopleRecord;
let workers: ReadWorkers;
afterEach(async () => {
  await workers.close();
  await record.close();
});

test('answer as soon as there is a model, say until then that there is none, and see what is folded', async () => {
  record = await PeopleRecord.open('2026-01-01T00:00:00Z');
  workers = await openReadWorkers({
    dataDir: record.dataDir,
    logFile: join(record.dataDir, 'log.sqlite'),
    streams: streamsWithPrefix(''),
    workers: 2,
  });
  const { people } = workers;
  const asked = { limit: 10 };
  const refused = await people.departments(asked).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(PeopleNotReady);
  expect(refused).toMatchObject({ sequence: -1 });
  for (const [n, id] of ['STATE', 'HEALTH', 'LUCKNOW'].entries()) {
    const parent = ['STATE', 'HEALTH'][n - 1];
    const sequence = await record.say('2026-01-02T00:00:00Z', {
      event: {
        type: DEPARTMENT_OPENED,
        data: { id, kind: 'office', names: { en: id }, from: '2026-01-01', ...(parent !== undefined && { parent }) },
      },
    });
    expect(await people.status()).toMatchObject({ sequence });
    // Both workers: a question goes to the one with the fewest waiting.
    const both = await Promise.all([people.departments(asked), people.departments(asked)]);
    for (const { asOf, body } of both) {
      expect(asOf.sequence).toBe(sequence);
      expect(body.rows.map((row) => row.depth)).toEqual([0, 1, 2].slice(0, n + 1));
    }
  }
});
