// What holds of the people model whatever the record holds: nothing depends on how the record came, amounts add up along the tree, and
// an answer given once is given again. TEST_MODEL_SEED=… has the same histories again.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Sequence } from '../../../contracts/words.ts';
import { METRICS } from '../../../projections/department-rollup/index.ts';
import { NOWHERE } from '../../../projections/inputs/types.ts';
import { completionsIn } from './people-completions.ts';
import { DAYS, type Entry, histories, SETTING, voiding } from './people-histories.ts';
import { added, answers, type Counts, House } from './people-house.ts';

const { TEST_MODEL_SEED: seed, TEST_MODEL_RUNS: runs } = process.env;

/** So many random histories; TEST_MODEL_RUNS: more of them. */
const times = (count: number): fc.Parameters<unknown> => ({
  numRuns: runs === undefined ? count : Number(runs),
  ...(seed !== undefined && { seed: Number(seed) }),
  // A failure is told, with the shortest history found by then.
  interruptAfterTimeLimit: runs === undefined ? 45_000 : 3_000_000,
});
const TIMEOUT = runs === undefined ? 60_000 : 3_600_000;

const history = histories({ late: false });
/** Where a history is cut in parts, and how many events a transaction of each part holds. */
const parts = fc.array(
  fc.record({
    events: fc.integer({ min: 1, max: 20 }),
    batch: fc.integer({ min: 1, max: 7 }),
    isReopened: fc.boolean(),
  }),
  {
    minLength: 1,
    maxLength: 6,
  },
);
const day = fc.constantFrom(...DAYS);

test(
  'however the record comes, in what batches and over how many restarts, the model is that of a rebuild',
  async () => {
    await fc.assert(
      fc.asyncProperty(history, parts, fc.nat(), async (entries, turns, cut) =>
        House.within(async (house) => {
          const head = await house.append([...SETTING, ...entries]);
          const looked = cut % head;
          for (let until = 0, turn = 0; until < head; turn++) {
            const { events, batch, isReopened } = turns[turn % turns.length]!;
            const before = until;
            until = Math.min(head, until + events, before < looked ? looked : head);
            await house.follow(until as Sequence, batch);
            if (isReopened) house.reopen();
            if (until === looked) expect(house.digest).toBe(await house.digestOfRebuild(until as Sequence));
          }
          expect(house.digest).toBe(await house.digestOfRebuild(head));
        }),
      ),
      times(25),
    );
  },
  TIMEOUT,
);

test(
  'statements in any order among commands give the same answers',
  async () => {
    await fc.assert(
      fc.asyncProperty(
        histories({ late: true }),
        fc.infiniteStream(fc.nat(1000)),
        fc.array(day, { minLength: 2, maxLength: 2 }),
        async (entries, places, days) => {
          const asked = async (order: readonly Entry[]) =>
            House.within(async (house) => {
              await house.live(order, 7);
              return Promise.all(days.map((on) => answers(house.queries, on)));
            });
          expect(await asked(shuffled(entries, places))).toEqual(await asked(entries));
        },
      ),
      times(25),
    );
  },
  TIMEOUT,
);

/** Commands stay in their order; statements come anywhere. */
function shuffled(entries: readonly Entry[], places: Iterator<number>): readonly Entry[] {
  const order = entries.filter((entry) => 'event' in entry);
  for (const entry of entries) {
    if ('statement' in entry) order.splice(places.next().value % (order.length + 1), 0, entry as never);
  }
  return order;
}

test(
  'once every statement is voided, it is as if none had come',
  async () => {
    await fc.assert(
      fc.asyncProperty(history, fc.boolean(), async (entries, isBefore) => {
        const counted = async (order: readonly Entry[]) =>
          House.within(async (house) => {
            await house.live(order, 5);
            const counts = await house.read((model) =>
              DAYS.map((on) =>
                [NOWHERE, ...model.nodes].map((node) => [model.kept(node, 'own', on), model.kept(node, 'total', on)]),
              ),
            );
            return { rows: house.rows(), counts };
          });
        const statements = entries.filter((entry) => 'statement' in entry);
        const voids = statements.map((_, i) => voiding(10_000 + i, i + 1));
        const commands = entries.filter((entry) => 'event' in entry);
        expect(await counted(isBefore ? [...voids, ...entries] : [...entries, ...voids])).toEqual(
          await counted(commands),
        );
      }),
      times(25),
    );
  },
  TIMEOUT,
);

test(
  'at every department, on any day, as known at any time: its total is its own and the totals right below it',
  async () => {
    await fc.assert(
      fc.asyncProperty(history, day, fc.nat(), async (entries, on, at) =>
        House.within(async (house) => {
          const head = await house.live(entries, 9);
          const knownAt = (at % (head + 1)) as Sequence;
          await house.read((model) => {
            for (const node of model.nodes) {
              for (const one of DAYS) {
                const below = model.children(node, one).map((child) => model.kept(child, 'total', one));
                expect(model.kept(node, 'total', one)).toEqual(added(model.kept(node, 'own', one), ...below));
              }
              const known = model.children(node, on, knownAt).map((one) => model.total(one, on, knownAt));
              const isKnown = model.isKnown(node, on, knownAt);
              expect(model.total(node, on, knownAt)).toEqual(
                isKnown ? added(model.own(node, on, knownAt), ...known) : {},
              );
            }
          });
        }),
      ),
      times(25),
    );
  },
  TIMEOUT,
);

test(
  'what is kept counted is what is counted again from everybody’s account, with all that is known now',
  async () => {
    await fc.assert(
      fc.asyncProperty(history, day, async (entries, on) =>
        House.within(async (house) => {
          const head = await house.live(entries, 6);
          await house.read((model) => {
            for (const one of DAYS) {
              expect(model.kept(NOWHERE, 'own', one)).toEqual(model.own(NOWHERE, one));
              for (const node of model.nodes) {
                expect(model.kept(node, 'own', one)).toEqual(model.own(node, one));
                expect(model.kept(node, 'total', one)).toEqual(model.total(node, one));
              }
            }
          });
          const live = await answers(house.queries, on);
          // Something that says nothing of people comes: what was known before it is not what is kept any more.
          await house.append([undefined]);
          await house.follow();
          expect(await answers(house.queries, on, head)).toEqual(live);
        }),
      ),
      times(25),
    );
  },
  TIMEOUT,
);

test(
  'what was answered when the record ended somewhere is answered as known then',
  async () => {
    await fc.assert(
      fc.asyncProperty(history, parts, day, async (entries, turns, on) =>
        House.within(async (house) => {
          const head = await house.append([...SETTING, ...entries]);
          const then: { readonly at: Sequence; readonly counts: readonly Counts[]; readonly answers: unknown }[] = [];
          const kept = () => house.read((model) => model.nodes.map((node) => model.kept(node, 'total', on)));
          for (let until = SETTING.length as number, turn = 0; until < head; turn++) {
            await house.follow(until as Sequence);
            then.push({ at: until as Sequence, counts: await kept(), answers: await answers(house.queries, on) });
            until = Math.min(head, until + 3 + turns[turn % turns.length]!.events);
          }
          await house.follow();
          for (const { at, counts, answers: given } of then) {
            const known = await house.read((model) =>
              model.nodes.slice(0, counts.length).map((node) => model.total(node, on, at)),
            );
            expect(known).toEqual(counts);
            expect(await answers(house.queries, on, at), `as known at ${at}`).toEqual(given);
          }
        }),
      ),
      times(25),
    );
  },
  TIMEOUT,
);

test(
  'the completions of the roots and of those posted nowhere are the courses that learners completed, each once',
  async () => {
    await fc.assert(
      fc.asyncProperty(history, async (entries) =>
        House.within(async (house) => {
          await house.live(entries, 11);
          const on = DAYS.at(-1)!;
          const counts = await house.read((model) =>
            added(model.kept(NOWHERE, 'own', on), ...model.roots(on).map((node) => model.kept(node, 'total', on))),
          );
          const completions = Object.entries(counts).filter(([key]) => key.startsWith(`${METRICS.completions}/`));
          const counted = completions.reduce((sum, [, [count]]) => sum + count, 0);
          expect(counted).toBe(completionsIn([...SETTING, ...entries]));
        }),
      ),
      times(25),
    );
  },
  TIMEOUT,
);
