// The people model: whatever happens to it, and however the record comes, it ends up as one built in one go; and what it counts
// is what each learner counts for, added up.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type Day, dayOfDate } from '../../../contracts/days.ts';
import {
  COURSE_LISTED,
  LOAD_BEGUN,
  LOAD_COMPLETED,
  PERSON_RECORDED,
  POSTING_BEGUN,
} from '../../../contracts/events/index.ts';
import type { Sequence } from '../../../contracts/words.ts';
import { METRICS, readDays, readSums, Totals, valuesOn } from '../../../projections/department-rollup/index.ts';
import { foldedWords } from '../../../projections/inputs/folding.ts';
import { learnerAt } from '../../../projections/inputs/learner.ts';
import { NOWHERE, type NodeNumber, type SubjectNumber } from '../../../projections/inputs/types.ts';
import { fill } from '../../../src/projector/fill.ts';
import {
  buildIndexUpTo,
  buildPeopleUpTo,
  digestOfModel,
  rebuildModel,
  startProjector,
} from '../../../src/projector/index.ts';
import { openPeople } from '../../../src/projector/models.ts';
import { openLookupInFile } from '../../../src/read-models/index.ts';
import { digestOfPeopleFile, PEOPLE, PeopleReader } from '../../../src/read-models/people/index.ts';
import { monthOf } from '../../../src/read-models/people/layout.ts';
import { streams } from '../statement-index/record.ts';
import {
  type Happening,
  history,
  learned,
  openPeopleRecord,
  type PeopleRecord,
  SETTING,
  said,
  voided,
} from './people-history.ts';

const DAYS = [
  '1969-12-31',
  '1985-06-01',
  '2024-12-31',
  '2025-06-15',
  '2025-12-31',
  '2026-03-31',
  '2026-07-01',
  '2090-01-01',
].map((date) => dayOfDate(date)!);

async function recordOf(...happenings: readonly Happening[]): Promise<{ record: PeopleRecord; head: Sequence }> {
  const record = await openPeopleRecord();
  onTestFinished(() => record.close());
  return { record, head: await record.happen(...happenings) };
}

/** The model as made in one go from the record up to a sequence, and its digest. */
async function madeInOneGo(record: PeopleRecord, until: Sequence): Promise<{ file: string; digest: string }> {
  const dir = join(record.dataDir, `in-one-go-${until}`);
  const { file: indexFile } = await buildIndexUpTo({ ...record, streams, until, dir });
  return buildPeopleUpTo({ ...record, streams, until, dir, indexFile });
}

/** Reads a model as of its end. */
function reading<T>(
  file: string,
  read: (reader: PeopleReader, sequence: Sequence, subjects: readonly Numbered[]) => T,
): T {
  const database = PEOPLE.open(file);
  try {
    const reader = new PeopleReader(database);
    const { sequence, derived } = reader.begin();
    expect(derived).toBe(true);
    const subjects = database
      .prepare('SELECT number, kind FROM subject ORDER BY number')
      .all() as unknown as Numbered[];
    return read(reader, sequence, subjects);
  } finally {
    database.close();
  }
}

interface Numbered {
  readonly number: SubjectNumber;
  readonly kind: number;
}

type Counts = Record<string, readonly [count: number, sum: number]>;

/** What each node counts on a day, from its rows. */
function kept(reader: PeopleReader, node: NodeNumber, scope: 'own' | 'total', on: Day): Counts {
  const totals = new Totals();
  for (const { month, sums, days } of reader.months(node, scope, monthOf(on))) {
    if (month < monthOf(on)) readSums(sums, totals);
    else readDays(days, on, totals);
  }
  const counts: Counts = {};
  for (const metric of Object.values(METRICS)) {
    for (const [ref, { count, sum }] of totals.of(metric)) {
      if (count !== 0 || sum !== 0) counts[`${metric}/${ref}`] = [count, sum];
    }
  }
  return counts;
}

/** The same, from every learner's own account. */
function counted(file: string, on: Day): { own: Map<NodeNumber, Counts>; total: Map<NodeNumber, Counts> } {
  return reading(file, (reader, sequence, subjects) => {
    const world = reader.world();
    const own = new Map<NodeNumber, Counts>();
    const total = new Map<NodeNumber, Counts>();
    const add = (to: Map<NodeNumber, Counts>, node: NodeNumber, key: string, count: number, sum: number): void => {
      const counts = to.get(node) ?? {};
      to.set(node, counts);
      const [known, knownSum] = counts[key] ?? [0, 0];
      counts[key] = [known + count, knownSum + sum];
    };
    for (const { number, kind } of subjects) {
      const learner = learnerAt(number, kind === 0, reader.inputsOf, sequence);
      valuesOn(learner, world, on, sequence, (node, metric, ref, count, sum) => {
        add(own, node, `${metric}/${ref}`, count, sum);
        if (node === NOWHERE) return;
        for (const above of world.pathOn(node, on, sequence)) add(total, above, `${metric}/${ref}`, count, sum);
      });
    }
    return { own, total };
  });
}

const none = (counts: Counts | undefined): Counts =>
  Object.fromEntries(Object.entries(counts ?? {}).filter(([, [count, sum]]) => count !== 0 || sum !== 0));

describe('what lies in the model', () => {
  test('depends on the record, not on how it came in batches, nor on where a build ended and following began', async () => {
    await fc.assert(
      fc.asyncProperty(
        history,
        fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 6 }),
        async (happenings, batches) => {
          const record = await openPeopleRecord();
          try {
            const head = await record.happen(...SETTING, ...happenings);
            const whole = await madeInOneGo(record, head);
            const { file: indexFile } = await buildIndexUpTo({
              ...record,
              streams,
              until: head,
              dir: join(record.dataDir, 'index'),
            });
            const file = join(record.dataDir, 'parts.sqlite');
            for (let until = 0, turn = 0; until < head; turn++) {
              until = Math.min(head, until + batches[turn % batches.length]!);
              const store = openPeople(file, record.log, streams.record, () => openLookupInFile(indexFile));
              await fill(store, record.log, streams.record, { until: until as Sequence });
              store.close();
            }
            expect(digestOfPeopleFile(file)).toBe(whole.digest);
          } finally {
            await record.close();
          }
        },
      ),
      { numRuns: 60 },
    );
  }, 120_000);

  test('as of an earlier sequence is what it was when the record ended there', async () => {
    await fc.assert(
      fc.asyncProperty(history, fc.nat(), async (happenings, at) => {
        const record = await openPeopleRecord();
        try {
          const until = (await record.happen(...SETTING, ...happenings.slice(0, at % happenings.length))) as Sequence;
          const { digest } = await madeInOneGo(record, until);
          await record.happen(...happenings.slice(at % happenings.length));
          const dir = join(record.dataDir, 'later');
          const { file: indexFile } = await buildIndexUpTo({ ...record, streams, until, dir });
          expect((await buildPeopleUpTo({ ...record, streams, until, dir, indexFile })).digest).toBe(digest);
        } finally {
          await record.close();
        }
      }),
      { numRuns: 20 },
    );
  }, 60_000);

  test('counts at every node, on any day, what its learners count for', async () => {
    await fc.assert(
      fc.asyncProperty(history, async (happenings) => {
        const record = await openPeopleRecord();
        try {
          const head = await record.happen(...SETTING, ...happenings);
          const { file } = await madeInOneGo(record, head);
          for (const on of DAYS.slice(1)) {
            const expected = counted(file, on);
            reading(file, (reader) => {
              expect(kept(reader, NOWHERE, 'own', on)).toEqual(none(expected.own.get(NOWHERE)));
              for (const { number } of reader.world().nodes()) {
                expect(kept(reader, number, 'own', on)).toEqual(none(expected.own.get(number)));
                expect(kept(reader, number, 'total', on)).toEqual(none(expected.total.get(number)));
              }
            });
          }
        } finally {
          await record.close();
        }
      }),
      { numRuns: 40 },
    );
  }, 120_000);
});

const asha = 'mailto:asha@up.example';
const person = (code: string, ...identities: string[]) =>
  said({ type: PERSON_RECORDED, data: { code, names: { hi: 'आशा देवी' }, identities } });
const posted = (code: string, department: string, from: string) =>
  said({ type: POSTING_BEGUN, data: { code, kind: 'substantive', department, from } });

describe('voids', () => {
  const rollups = (file: string): unknown =>
    reading(file, (reader) =>
      DAYS.map((on) => [...reader.world().nodes()].map(({ number }) => kept(reader, number, 'total', on))),
    );

  test('before and after what they void leave nothing of it', async () => {
    const rest = [person('E-1', `mbox:${asha}`), posted('E-1', 'UP.health', '2025-01-01')];
    const completed = (id: number) => learned(id, asha, 'completed', 'https://course.example/1');
    const plain = await recordOf(...SETTING, ...rest);
    const nothing = rollups((await madeInOneGo(plain.record, plain.head)).file);
    const { record, head } = await recordOf(
      ...SETTING,
      ...rest,
      completed(1),
      voided(2, 1),
      voided(4, 3),
      completed(3),
      voided(6, 5, ['all']),
    );
    expect(rollups((await madeInOneGo(record, head)).file)).toEqual(nothing);
    // Who may not void does not, and a void cannot be voided.
    const more = await record.happen(completed(5), voided(7, 2));
    expect(rollups((await madeInOneGo(record, more)).file)).not.toEqual(nothing);
    const last = await record.happen(voided(8, 5));
    expect(rollups((await madeInOneGo(record, last)).file)).toEqual(nothing);
  });

  test('wait for the statement index, however far behind it is', async () => {
    const { record, head } = await recordOf(
      ...SETTING,
      learned(1, asha, 'completed', 'https://course.example/1'),
      voided(2, 1),
      learned(3, asha, 'completed', 'https://course.example/3'),
    );
    const people = await startProjector({ ...record, streams, model: 'people' });
    onTestFinished(() => people.stop());
    // There is no index at all; the model is filled up to the void, and no further.
    const index = await startProjector({ ...record, streams });
    onTestFinished(() => index.stop());
    await people.caughtUp(head);
    expect(digestOfModel('people', record.dataDir)).toBe((await madeInOneGo(record, head)).digest);
  });
});

describe('a load', () => {
  const load = '00000000-0000-4000-8000-000000000001';
  const begun = said({ type: LOAD_BEGUN, data: { load, kind: 'people', events: 2, sha256: '0'.repeat(64) } });
  const rows = [
    said({ type: PERSON_RECORDED, data: { code: 'E-9' } }, load),
    said(
      { type: POSTING_BEGUN, data: { code: 'E-9', kind: 'substantive', department: 'UP', from: '2025-01-01' } },
      load,
    ),
  ];

  test('holds from its end on, all at once; without an end, never', async () => {
    const { record, head } = await recordOf(...SETTING, begun, ...rows);
    reading((await madeInOneGo(record, head)).file, (reader) => expect(reader.numberOfCode('E-9')).toBeUndefined());
    const completed = await record.happen(said({ type: LOAD_COMPLETED, data: { load, events: 2 } }));
    reading((await madeInOneGo(record, completed)).file, (reader) => {
      const number = reader.numberOfCode('E-9')!;
      expect(reader.inputsOf(number)).toMatchObject([{ is: 'posting', recorded: completed }]);
      expect(reader.subject(number)).toMatchObject({ key: 'E-9', named: `${head - 1}.0` });
      expect(reader.membersOf(reader.world().findNode('UP')!)).toEqual([number]);
    });
  });
});

describe('names', () => {
  test('are found however they are written', async () => {
    const { record, head } = await recordOf(...SETTING, person('ANM-17', `mbox:${asha}`));
    reading((await madeInOneGo(record, head)).file, (reader) => {
      const number = reader.numberOfCode('ANM-17')!;
      for (const words of ['Asha', 'आशा', 'asha devi', 'ए0एन0एम0', 'एएनएम 17']) {
        const query = foldedWords(words).join(' ');
        expect(reader.search(query, 0, 10), words).toContain(number);
      }
      expect(reader.search('nobody', 0, 10)).toEqual([]);
    });
  });
});

test('an alias that comes later makes one course of two, for those who did both', async () => {
  const { record, head } = await recordOf(
    ...SETTING,
    person('E-1', `mbox:${asha}`),
    posted('E-1', 'UP', '2025-01-01'),
    learned(1, asha, 'completed', 'https://course.example/3'),
    learned(2, asha, 'completed', 'https://course.example/4'),
  );
  const completions = (file: string): number =>
    reading(file, (reader) => {
      const counts = kept(reader, reader.world().findNode('UP')!, 'total', dayOfDate('2026-03-31')!);
      return Object.keys(counts).filter((key) => key.startsWith(`${METRICS.completions}/`)).length;
    });
  expect(completions((await madeInOneGo(record, head)).file)).toBe(2);
  const data = {
    kind: 'course',
    titles: { en: 'Both' },
    languages: [],
    tags: [],
    supersedes: [],
    status: 'live',
  } as const;
  const [id, alias] = ['https://course.example/3', 'https://course.example/4'];
  const listed = await record.happen(
    said({
      type: COURSE_LISTED,
      data: { ...data, id: id!, aliases: [alias!], languages: [], tags: [], supersedes: [] },
    }),
  );
  expect(completions((await madeInOneGo(record, listed)).file)).toBe(1);
});

/** Enough for several transactions, with people, transfers and voids among them. */
function much(from: number, count: number): ReturnType<typeof learned>[] {
  return Array.from({ length: count }, (_, i) => {
    const number = from + i;
    const code = `E-${number % 700}`;
    if (number % 11 === 0) return person(code, `mbox:mailto:p${number % 700}@up.example`);
    if (number % 13 === 0) return posted(code, number % 2 === 0 ? 'UP.health.lko' : 'UP.revenue', '2025-01-01');
    if (number % 101 === 0) return voided(number, number - 3);
    return learned(number, `mailto:p${number % 700}@up.example`, 'completed', `https://course.example/${number % 9}`);
  });
}

describe('kill -9', () => {
  test('while it is built, while it is completed and while it follows leaves a model that ends up the same', async () => {
    const { record, head } = await recordOf(...SETTING, ...much(1, 30_000));
    const index = await startProjector({ ...record, streams });
    onTestFinished(() => index.stop());
    await index.caughtUp(head);
    for (const lines of [1, 3, 4, 2, 5]) {
      const process_ = spawn(process.execPath, [join(import.meta.dirname, 'people-process.ts'), record.dataDir], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const exited = once(process_, 'exit');
      let left = lines;
      for await (const _ of createInterface({ input: process_.stdout })) if (--left <= 0) break;
      process_.kill('SIGKILL');
      await exited;
    }
    const people = await startProjector({ ...record, streams, model: 'people' });
    onTestFinished(() => people.stop());
    await people.caughtUp(head);
    expect(digestOfModel('people', record.dataDir)).toBe((await madeInOneGo(record, head)).digest);
  }, 120_000);
});

describe('a rebuild', () => {
  test('beside a projector that goes on, and after the file was deleted, ends with the same model', async () => {
    const { record, head: first } = await recordOf(...SETTING, ...much(1, 4000));
    const index = await startProjector({ ...record, streams });
    const people = await startProjector({ ...record, streams, model: 'people' });
    onTestFinished(() => Promise.all([index.stop(), people.stop()]).then(() => undefined));
    await people.caughtUp(first);
    let rebuilding = true;
    const rebuilt = rebuildModel('people', { ...record, streams }).finally(() => {
      rebuilding = false;
    });
    let head = first;
    for (let number = 4001; rebuilding; number += 10) {
      head = await record.happen(...much(number, 10));
      await people.caughtUp(head);
    }
    expect(await rebuilt).toBe(true);
    head = await record.happen(...much(900_000, 10));
    await people.caughtUp(head);
    const { digest } = await madeInOneGo(record, head);
    expect(digestOfModel('people', record.dataDir)).toBe(digest);

    await people.stop();
    for (const name of readdirSync(record.dataDir)) {
      if (name.startsWith('people')) rmSync(join(record.dataDir, name), { recursive: true });
    }
    const again = await startProjector({ ...record, streams, model: 'people' });
    onTestFinished(() => again.stop());
    await again.caughtUp(head);
    expect(digestOfModel('people', record.dataDir)).toBe(digest);
  }, 60_000);
});
