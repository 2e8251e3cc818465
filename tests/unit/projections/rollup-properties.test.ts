// Rollups against a count made day by day from the bare inputs, over random inputs with links, transfers, withdrawals and a
// catalogue that changes: what is added up from changes is what holds on the day, whatever the order of arrival.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Day, financialYearStart } from '../../../contracts/days.ts';
import type { PostingDetails, ProgrammeEvent } from '../../../contracts/events/programmes.ts';
import {
  contributionsOf,
  METRICS,
  type Metric,
  placeInTotals,
  valuesOn,
} from '../../../projections/department-rollup/index.ts';
import { learnerAt } from '../../../projections/inputs/learner.ts';
import {
  type ActivityNumber,
  type Attendance,
  type Dated,
  FACT_KINDS,
  type Fact,
  type FactKind,
  type Input,
  type Link,
  NOWHERE,
  type NodeNumber,
  type Onboarded,
  OPEN_END,
  OPEN_START,
  type Posting,
  type Service,
  STANDING,
  type SubjectNumber,
} from '../../../projections/inputs/types.ts';
import type { World } from '../../../projections/inputs/world.ts';
import { progressOf } from '../../../projections/learner-progress/index.ts';
import { day, held, listed, opened, Shelves, second, TREE } from './shelves.ts';
import { PlainTree } from './world-events.ts';

const PERSONS = [1, 2] as SubjectNumber[];
const IDENTITIES = [3, 4] as SubjectNumber[];
const ACTIVITIES = ['urn:a', 'urn:a-alias', 'urn:b', 'urn:platform', 'urn:unlisted'];
const SESSIONS = ['session-1', 'session-2', 'session-3'];
/** Around the end of a financial year. */
const FIRST = day('2026-03-01');
const LAST = day('2026-04-20');
/** Everything is recorded between 1 and this. */
const LATEST = 20;

function shelves(): Shelves {
  const found = new Shelves(TREE);
  found.apply(listed('urn:a', { minutes: 100, tags: ['ai'], aliases: ['urn:a-alias'] }), 1);
  found.apply(listed('urn:b', { minutes: 50, tags: ['ai', 'cyber-security'] }), 1);
  found.apply(listed('urn:platform', { kind: 'platform' }), 1);
  for (const [i, session] of SESSIONS.entries()) found.apply(held(session, 'urn:b', `2026-03-2${i}`), 2);
  found.apply(listed('urn:a', { minutes: 10, tags: ['cyber-security'], from: '2026-03-20' }), 6);
  found.apply(held('session-2', 'urn:a', '2026-04-02'), 9);
  found.apply(listed('urn:b', { minutes: 500, tags: [], aliases: ['urn:a-alias'], from: '2026-03-25' }), 12);
  // Numbered before anything comes, so that the order in which it comes does not number them.
  for (const activity of ACTIVITIES) found.world.activity(activity);
  for (const details of DETAILS) found.world.details(details);
  return found;
}

/** Three cadres, one of them in two batches; and nothing told. */
const DETAILS: readonly PostingDetails[] = [
  {},
  { batch: '2019' },
  { designation: 'ANM', cadre: 'contractual' },
  { designation: 'ANM', cadre: 'regular', batch: '2019' },
  { designation: 'ANM', cadre: 'regular', batch: '2020' },
];
const CADRES_HERE = [0, 1, 2];

const recorded = fc.integer({ min: 1, max: LATEST });
const dated: fc.Arbitrary<Dated> = fc
  .tuple(recorded, fc.option(fc.nat(6), { nil: undefined, freq: 3 }))
  .map(([from, after]) => ({ recorded: from, withdrawn: after === undefined ? STANDING : from + after }));
const someDay = fc.integer({ min: FIRST, max: LAST }) as fc.Arbitrary<Day>;
const dates = fc
  .tuple(someDay, fc.nat(30), fc.boolean(), fc.boolean())
  .map(([from, length, isOpen, isEver]): { from: Day; to: Day } => ({
    from: isEver ? OPEN_START : from,
    to: isOpen ? OPEN_END : ((from + length) as Day),
  }));
/** Mostly within few days, so that facts meet; on both sides of midnight in Kolkata. */
const closeDay = fc.integer({ min: day('2026-03-27'), max: day('2026-04-03') });
const at = fc
  .tuple(fc.oneof({ weight: 3, arbitrary: closeDay }, { weight: 1, arbitrary: someDay }), fc.constantFrom(0, 86_399))
  .map(([on, seconds]) => second('1970-01-01T00:00') + on * 86_400 + seconds);

const fact = fc
  .record({
    on: fc.constantFrom(...IDENTITIES),
    kind: fc.constantFrom(...FACT_KINDS, 'completed', 'passed', 'revoked', 'progressed', 'enrolled'),
    activity: fc.constantFrom(...ACTIVITIES),
    at,
    score: fc.option(fc.integer({ min: -10_000, max: 10_000 }), { nil: undefined }),
    seconds: fc.option(fc.constantFrom(30, 100, 400, 3600), { nil: undefined }),
    dated,
  })
  .map(({ on, activity, dated, score, seconds, kind, at }) => (world: World): [SubjectNumber, Fact][] => {
    const optional = { ...(score !== undefined && { score }), ...(seconds !== undefined && { seconds }) };
    return [
      [on, { is: 'fact', kind: kind as Fact['kind'], activity: world.activity(activity), at, ...optional, ...dated }],
    ];
  });
const link = fc
  .record({ person: fc.constantFrom(...PERSONS), identity: fc.constantFrom(...IDENTITIES), dates, dated })
  .map(({ person, identity, dates, dated }) => (): [SubjectNumber, Link][] => [
    [person, { is: 'link', other: identity, ...dates, ...dated }],
    [identity, { is: 'owner', other: person, ...dates, ...dated }],
  ]);
const posting = fc
  .record({
    person: fc.constantFrom(...PERSONS),
    kind: fc.constantFrom<Posting['kind'][]>('substantive', 'deputation', 'additional-charge'),
    node: fc.integer({ min: 2, max: 5 }) as fc.Arbitrary<NodeNumber>,
    details: fc.constantFrom(...DETAILS),
    dates,
    dated,
  })
  .map(({ person, kind, node, details, dates, dated }) => (world: World): [SubjectNumber, Posting][] => [
    [person, { is: 'posting', kind, node, details: world.details(details), ...dates, ...dated }],
  ]);
const service = fc
  .record({
    person: fc.constantFrom(...PERSONS),
    change: fc.constantFrom<Service['change'][]>('leave', 'leave', 'suspension', 'retired'),
    dates,
    dated,
  })
  .map(({ person, change, dates, dated }) => (): [SubjectNumber, Service][] => [
    [person, { is: 'service', change, from: Math.max(dates.from, FIRST) as Day, to: dates.to, ...dated }],
  ]);
const attendance = fc
  .record({
    person: fc.constantFrom(...PERSONS),
    session: fc.constantFrom(...SESSIONS),
    attended: fc.constantFrom(true, true, false),
    dated,
  })
  .map(({ person, session, attended, dated }) => (world: World): [SubjectNumber, Attendance][] => [
    [person, { is: 'attendance', session: world.findSession(session)!, attended, ...dated }],
  ]);
const onboarded = fc
  .record({ person: fc.constantFrom(...PERSONS), on: someDay, dated })
  .map(({ person, on, dated }) => (): [SubjectNumber, Onboarded][] => [[person, { is: 'onboarded', on, ...dated }]]);

type Placed = (world: World) => readonly [SubjectNumber, Input][];
const placed: fc.Arbitrary<Placed[]> = fc
  .tuple(
    // Many, so that much happens in one course.
    fc.array(fact, { maxLength: 40, size: 'max' }),
    fc.array(link, { maxLength: 5 }),
    fc.array(posting, { maxLength: 5 }),
    fc.array(service, { maxLength: 3 }),
    fc.array(attendance, { maxLength: 6 }),
    fc.array(onboarded, { maxLength: 2 }),
  )
  .map((all) => all.flat() as Placed[]);

/** Shelves are in the order of the record. */
function filled(all: readonly Placed[]): Shelves {
  const found = shelves();
  const inputs = all.flatMap((place) => place(found.world));
  inputs.sort(([, a], [, b]) => a.recorded - b.recorded);
  for (const [subject, input] of inputs) found.put(subject, input);
  return found;
}

type Values = Record<string, [count: number, sum: number]>;

function addTo(values: Values, key: string, count: number, sum: number): void {
  const [knownCount, knownSum] = values[key] ?? [0, 0];
  values[key] = [knownCount + count, knownSum + sum];
}

function withoutNothing(values: Values): Values {
  return Object.fromEntries(Object.entries(values).filter(([, [count, sum]]) => count !== 0 || sum !== 0));
}

/** What leads to what. */
const WITHIN_A_SECOND: readonly FactKind[] = [
  ...(['enrolled', 'progressed', 'attended', 'failed', 'completed', 'passed', 'satisfied', 'waived'] as const),
  ...(['contributed', 'rated', 'left', 'revoked'] as const),
];

/** The count by hand of one learner on one day. */
function countByHand({ world, inputsOf }: Shelves, subject: SubjectNumber, on: Day, knownAt: number): Values {
  const isSeen = (input: Dated) => input.recorded <= knownAt && knownAt < input.withdrawn;
  const covers = (day: Day) => (input: { from: Day; to: Day }) => input.from <= day && day <= input.to;
  const own = inputsOf(subject).filter(isSeen);
  const dayOf = (fact: Fact) => Math.floor((fact.at + 5.5 * 3600) / 86_400) as Day;
  const ownerOf = (identity: SubjectNumber, when: Day) =>
    inputsOf(identity)
      .filter((input): input is Link => input.is === 'owner' && isSeen(input) && covers(when)(input))
      .sort((a, b) => a.recorded - b.recorded)
      .at(-1)?.other ?? identity;

  const facts = IDENTITIES.flatMap((identity) =>
    inputsOf(identity)
      .filter((input): input is Fact => input.is === 'fact' && isSeen(input))
      .filter((fact) => dayOf(fact) <= on && ownerOf(identity, dayOf(fact)) === subject),
  ).sort(
    (a, b) =>
      a.at - b.at ||
      WITHIN_A_SECOND.indexOf(a.kind) - WITHIN_A_SECOND.indexOf(b.kind) ||
      (b.score ?? -20_000) - (a.score ?? -20_000) ||
      (b.seconds ?? -1) - (a.seconds ?? -1),
  );
  const courseOf = (fact: Fact) => world.courseOf(fact.activity, dayOf(fact), knownAt);
  const versionOf = (fact: Fact) => world.courseVersion(courseOf(fact), dayOf(fact), knownAt);
  const isOnPlatform = (fact: Fact) => versionOf(fact)?.kind === 'platform';

  const rosters = SESSIONS.flatMap((id) => {
    const number = world.findSession(id)!;
    const last = own.findLast((input): input is Attendance => input.is === 'attendance' && input.session === number);
    const session = world.sessionAt(number, knownAt);
    return last && session ? [{ session, attended: last.attended }] : [];
  });
  const sessionCourse = ({ session }: (typeof rosters)[number]) => world.courseOf(session.course, session.on, knownAt);
  const sessionsBy = rosters.filter(({ session }) => session.on <= on);

  const values: Values = {};
  const put = (metric: Metric, ref: number, count = 1, sum = 0) =>
    addTo(values, `${METRICS[metric]} ${ref}`, count, sum);

  const daysActive = [
    ...facts.filter(({ kind }) => kind !== 'revoked').map(dayOf),
    ...sessionsBy.filter(({ attended }) => attended).map(({ session }) => session.on),
  ];
  if (daysActive.some((each) => each > on - 7)) put('active7', 0);
  if (daysActive.some((each) => each > on - 30)) put('active30', 0);
  if (daysActive.some((each) => financialYearStart(each) === financialYearStart(on))) put('activeYear', 0);

  const saidOnboarded = own.findLast((input): input is Onboarded => input.is === 'onboarded');
  const isRegistered = facts.some((fact) => isOnPlatform(fact) && fact.kind === 'enrolled');
  if (isRegistered || (saidOnboarded !== undefined && saidOnboarded.on <= on)) put('onboarded', 0);

  const learnerWide = new Set<string>();
  const courses = new Set([
    ...facts.filter((fact) => !isOnPlatform(fact)).map(courseOf),
    ...rosters.map(sessionCourse),
  ] as ActivityNumber[]);
  for (const course of courses) {
    const here = facts.filter((fact) => !isOnPlatform(fact) && courseOf(fact) === course);
    const revokedUpTo = Math.max(-1, ...here.filter(({ kind }) => kind === 'revoked').map((fact) => fact.at));
    const completions = here.filter(
      ({ kind, at }) => ['completed', 'passed', 'satisfied', 'waived'].includes(kind) && at > revokedUpTo,
    );
    const [first] = completions;
    if (first) {
      put('completions', course);
      // Those of one day are one.
      const repeats = new Set(completions.map(dayOf)).size - 1;
      if (repeats > 0) put('repeats', course, repeats);
      const ofTheDay = completions.filter((each) => dayOf(each) === dayOf(first));
      const score = ofTheDay.findLast((each) => each.score !== undefined)?.score;
      if (score !== undefined) put('scores', course, 1, score);
      const seconds = ofTheDay.find((each) => each.seconds !== undefined)?.seconds;
      const minutes = versionOf(first)?.minutes;
      const isFast = seconds !== undefined && minutes !== undefined && seconds < (minutes * 60) / 10;
      if (isFast && ofTheDay.some(({ kind }) => kind !== 'waived')) put('implausible', course);
      for (const tag of versionOf(first)?.tags ?? []) learnerWide.add(`${METRICS.withTag} ${tag}`);
      learnerWide.add(`${METRICS.withCompletion} 0`);
    } else {
      const sessions = sessionsBy.filter((each) => each.attended && sessionCourse(each) === course);
      const signs = [
        ...here
          .filter(({ kind }) => ['enrolled', 'progressed', 'attended', 'failed', 'left'].includes(kind))
          .map(({ kind, at }) => ({ kind: kind as string, at })),
        ...sessions.map(({ session }) => ({ kind: 'attended', at: session.on * 86_400 - 5.5 * 3600 - 0.5 })),
      ].sort((a, b) => a.at - b.at);
      const lastTelling = signs.findLast(({ kind }) => kind !== 'enrolled')?.kind;
      const isUnderWay = lastTelling === 'progressed' || lastTelling === 'attended';
      if (isUnderWay) {
        put('courseInProgress', course);
        learnerWide.add(`${METRICS.inProgress} 0`);
      } else if (signs.at(-1)?.kind === 'enrolled') {
        put('courseEnrolled', course);
        learnerWide.add(`${METRICS.enrolled} 0`);
      }
    }
    const rating = here.findLast(({ kind, score }) => kind === 'rated' && score !== undefined);
    if (rating) put('ratings', course, 1, rating.score);
    if (here.some(({ kind }) => kind === 'contributed')) put('contributed', course);
    const roster = rosters.filter((each) => sessionCourse(each) === course);
    const isAll = roster.length > 0 && roster.every(({ attended, session }) => attended && session.on <= on);
    if (isAll) put('attendedAll', course);
  }
  for (const key of learnerWide) values[key] = [1, 0];

  const served = own.filter((input): input is Service => input.is === 'service').filter(covers(on));
  const isOver = served.some(({ change }) => change === 'retired');
  const ranks = ['additional-charge', 'substantive', 'deputation'];
  const postings = own.filter((input): input is Posting => input.is === 'posting').filter(covers(on));
  postings.sort((a, b) => ranks.indexOf(a.kind) - ranks.indexOf(b.kind) || a.from - b.from || a.recorded - b.recorded);
  const node = isOver ? NOWHERE : (postings.at(-1)?.node ?? NOWHERE);
  if (node !== NOWHERE) {
    put('strength', 0);
    if (served.length > 0) put('paused', 0);
    const { designation, cadre } = world.detailsAt(postings.at(-1)!.details);
    const number = CADRES_HERE.find((one) => {
      const named = world.cadreAt(one);
      return named.designation === designation && named.cadre === cadre;
    })!;
    put('cadreStrength', number);
    if (values[`${METRICS.onboarded} 0`]) put('cadreOnboarded', number);
    if (values[`${METRICS.withCompletion} 0`]) put('cadreWithCompletion', number);
    const completed = Object.keys(values).filter((key) => key.startsWith(`${METRICS.completions} `)).length;
    if (completed > 0) put('cadreCompletions', number, completed);
  }
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [`${node} ${key}`, value]));
}

function learnerOf({ inputsOf }: Shelves, subject: SubjectNumber, knownAt: number) {
  return learnerAt(subject, PERSONS.includes(subject), inputsOf, knownAt);
}

function changesOf(from: Shelves, subject: SubjectNumber, knownAt: number) {
  const found: [key: string, on: Day, count: number, sum: number][] = [];
  contributionsOf(learnerOf(from, subject, knownAt), from.world, knownAt, (node, on, metric, ref, count, sum) => {
    found.push([`${node} ${metric} ${ref}`, on, count, sum]);
  });
  return found;
}

describe('over random inputs', () => {
  const SUBJECTS = [...PERSONS, ...IDENTITIES];
  const someSequence = fc.oneof(fc.constant(LATEST + 8), fc.integer({ min: 0, max: LATEST + 8 }));
  const moments = fc.tuple(fc.integer({ min: FIRST - 2, max: LAST + 40 }) as fc.Arbitrary<Day>, someSequence);

  test('the values of every day, and the changes up to it, are what a count by hand gives', () => {
    fc.assert(
      fc.property(placed, fc.constantFrom(...SUBJECTS), someSequence, (all, subject, knownAt) => {
        const from = filled(all);
        const learner = learnerOf(from, subject, knownAt);
        const changes = changesOf(from, subject, knownAt);
        for (let on = (FIRST - 2) as Day; on < LAST + 40; on++) {
          const expected = countByHand(from, subject, on, knownAt);
          const values: Values = {};
          valuesOn(learner, from.world, on, knownAt, (node, metric, ref, count, sum) =>
            addTo(values, `${node} ${metric} ${ref}`, count, sum),
          );
          expect(values).toEqual(expected);
          const added: Values = {};
          for (const [key, when, count, sum] of changes) if (when <= on) addTo(added, key, count, sum);
          expect(withoutNothing(added)).toEqual(expected);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('progress says the same of each course as the rollup counts', () => {
    fc.assert(
      fc.property(placed, moments, (all, [on, knownAt]) => {
        const from = filled(all);
        for (const subject of SUBJECTS) {
          const learner = learnerOf(from, subject, knownAt);
          const counted: Values = {};
          valuesOn(learner, from.world, on, knownAt, (_node, metric, ref, count, sum) =>
            addTo(counted, `${metric} ${ref}`, count, sum),
          );
          const said: Values = {};
          for (const row of progressOf(learner, from.world, on, knownAt)) {
            const put = (metric: Metric, count: number, sum = 0) =>
              addTo(said, `${METRICS[metric]} ${row.course}`, count, sum);
            const isDone = row.state === 'completed' || row.state === 'passed';
            expect(isDone).toBe(row.completed !== undefined);
            if (isDone) put('completions', 1);
            put('repeats', row.repeats);
            if (row.first?.score !== undefined) put('scores', 1, row.first.score);
            put('implausible', row.implausible ? 1 : 0);
            if (row.lastRating !== undefined) put('ratings', 1, row.lastRating);
            put('courseEnrolled', row.state === 'enrolled' ? 1 : 0);
            put('courseInProgress', row.state === 'in-progress' ? 1 : 0);
          }
          const perCourse = (values: Values) =>
            Object.fromEntries(
              Object.entries(withoutNothing(values)).filter(([key]) => {
                const metric = Number(key.split(' ')[0]);
                return metric >= METRICS.completions && metric <= METRICS.courseInProgress;
              }),
            );
          expect(perCourse(said)).toEqual(perCourse(counted));
        }
      }),
    );
  });

  test('the order of arrival changes nothing', () => {
    const shuffled = placed.chain((all) =>
      fc.tuple(fc.constant(all), fc.shuffledSubarray([...all.keys()], { minLength: all.length })),
    );
    fc.assert(
      fc.property(shuffled, ([all, order]) => {
        // With the same recorded numbers, and no two of one number: those of one number have an order, their place in it.
        const numbered = all.map(
          (place, i): Placed =>
            (world) =>
              place(world).map(([subject, input]) => [subject, { ...input, recorded: i, withdrawn: STANDING }]),
        );
        const one = filled(numbered);
        const other = shelves();
        for (const i of order) for (const [subject, input] of numbered[i]!(other.world)) other.put(subject, input);
        for (const subject of SUBJECTS) {
          const sorted = (changes: ReturnType<typeof changesOf>) => changes.map(String).sort();
          expect(sorted(changesOf(other, subject, 1000))).toEqual(sorted(changesOf(one, subject, 1000)));
        }
      }),
    );
  });
});

describe('over random trees', () => {
  test('the totals of a department are the sum of what lies below it that day', () => {
    const NODES = ['a', 'b', 'c', 'd', 'e'];
    const move = fc.record({
      id: fc.constantFrom(...NODES),
      parent: fc.constantFrom('root', ...NODES),
      from: fc.integer({ min: 20_500, max: 20_540 }).map((on) => new Date(on * 86_400_000).toISOString().slice(0, 10)),
    });
    /** Two departments, each below the other in its turn. */
    const swapped = [
      { id: 'a', parent: 'b', from: '2026-02-20' },
      { id: 'a', parent: 'root', from: '2026-02-25' },
      { id: 'b', parent: 'a', from: '2026-02-25' },
    ];
    const change = fc.tuple(
      fc.integer({ min: 1, max: 6 }) as fc.Arbitrary<NodeNumber>,
      fc.integer({ min: 20_495, max: 20_545 }) as fc.Arbitrary<Day>,
      fc.integer({ min: -2, max: 2 }),
    );
    fc.assert(
      fc.property(fc.array(move, { maxLength: 8 }), fc.array(change, { maxLength: 15 }), (moves, changes) => {
        const { world } = new Shelves([opened('root'), ...NODES.map((id) => opened(id, 'root'))]);
        const tree = new PlainTree();
        for (const id of ['root', ...NODES]) tree.take(opened(id, id === 'root' ? undefined : 'root'), 1);
        for (const data of moves) {
          const event: ProgrammeEvent = { type: 'department-moved.v1', data };
          if (tree.take(event, 1)) world.apply(event, 1);
        }
        const totals: [NodeNumber, Day, number][] = [];
        for (const [node, on, count] of changes) {
          placeInTotals(world.memberships(node, 1), on, (ancestor, when, sign) =>
            totals.push([ancestor, when, sign * count]),
          );
        }
        for (let on = 20_494 as Day; on < 20_547; on++) {
          for (const { number } of world.nodes()) {
            const below = world.belowOn(number, on, 1);
            const own = changes.filter(([node, when]) => when <= on && below.includes(node));
            const total = totals.filter(([node, when]) => when <= on && node === number);
            const sum = (all: readonly (readonly [unknown, unknown, number])[]) => all.reduce((n, [, , c]) => n + c, 0);
            expect(sum(total)).toBe(sum(own));
          }
        }
      }),
      { examples: [[swapped, [[2 as NodeNumber, 20_495 as Day, 1]]]] },
    );
  });
});
