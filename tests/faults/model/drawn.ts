// What a run is made of, drawn by fast-check: steps as plain data. They name statements and documents by small numbers, which mean
// whatever is there when the step is taken, so that every step can be taken in every state and a sequence shrinks by leaving some out.

import fc from 'fast-check';

export type Version = '1.0.3' | '2.0.0';

/** A statement by the slot of its id, or by its place in the record (modulo its length). */
export type Target = { readonly slot: number } | { readonly recorded: number };

export interface DrawnCore {
  readonly actor: number;
  readonly verb: number;
  readonly object:
    | { readonly kind: 'activity'; readonly activity: number; readonly definition: number }
    | { readonly kind: 'agent'; readonly who: number }
    | { readonly kind: 'ref'; readonly target: Target };
  readonly context: {
    readonly registration: number;
    readonly instructor: number;
    readonly team: number;
    readonly parent: number;
    readonly others: readonly number[];
    readonly contextAgent: number;
    readonly contextGroup: number;
  };
}

export interface DrawnStatement extends DrawnCore {
  /** Of its id; undefined: the store gives it one. */
  readonly slot: number | undefined;
  readonly upperCase: boolean;
  /** When its id is recorded: how it is said again, or undefined for whatever was drawn here. */
  readonly again: number | undefined;
  readonly sub: DrawnCore | undefined;
  readonly voids: Target | undefined;
  readonly timestamp: number;
  readonly result: number;
  readonly broken: boolean;
}

export interface DrawnQuery {
  readonly verb: number;
  readonly activity: number;
  readonly agent: number;
  readonly registration: number;
  readonly relatedActivities: boolean;
  readonly relatedAgents: boolean;
  readonly since: DrawnInstant | undefined;
  readonly until: DrawnInstant | undefined;
  readonly ascending: boolean | undefined;
  readonly limit: number | undefined;
  readonly format: 'exact' | 'ids' | 'canonical' | undefined;
  readonly mine: boolean;
  readonly version: Version;
  /** A statement is posted between its pages. */
  readonly postsBetween: boolean;
}

/** The `stored` of the statement at this place of the record, so many microseconds off, written in this zone. */
export interface DrawnInstant {
  readonly recorded: number;
  readonly off: number;
  readonly zone: number;
}

export interface DrawnDocument {
  readonly resource: number;
  readonly activity: number;
  readonly agent: number;
  readonly registration: number;
  readonly id: number;
  readonly version: Version;
}

/** -1: none; else what the header says of the document that is there. */
export interface DrawnPreconditions {
  readonly ifMatch: 'right' | 'wrong' | 'any' | 'list' | undefined;
  readonly ifNoneMatch: 'right' | 'wrong' | 'any' | undefined;
}

export type Step =
  | {
      readonly do: 'post';
      readonly statements: readonly DrawnStatement[];
      readonly batch: boolean;
      readonly version: Version;
      readonly limited: boolean;
      /** The process is killed without waiting for the answer. */
      readonly killed: boolean;
    }
  | {
      readonly do: 'put';
      readonly statement: DrawnStatement;
      readonly slot: number;
      readonly idInBody: 'same' | 'other' | 'none';
      readonly version: Version;
      readonly limited: boolean;
    }
  | { readonly do: 'query'; readonly query: DrawnQuery }
  | {
      readonly do: 'one';
      readonly target: Target;
      readonly voided: boolean;
      readonly mine: boolean;
      readonly format: 'exact' | 'ids';
      readonly upperCase: boolean;
    }
  | { readonly do: 'activity'; readonly activity: number }
  | { readonly do: 'person'; readonly agent: number }
  | {
      readonly do: 'put document' | 'merge document';
      readonly at: DrawnDocument;
      readonly content: number;
      readonly preconditions: DrawnPreconditions;
    }
  | { readonly do: 'delete document'; readonly at: DrawnDocument; readonly preconditions: DrawnPreconditions }
  | { readonly do: 'delete all documents' | 'read document'; readonly at: DrawnDocument }
  | { readonly do: 'list documents'; readonly at: DrawnDocument; readonly since: 'none' | 'second before' | 'later' }
  | { readonly do: 'restart'; readonly how: 'stop' | 'kill'; readonly loseIndex: boolean }
  | { readonly do: 'rebuild' };

/** More slots than a run fills, so that some references lead nowhere. */
export const SLOTS = 24;

const version = fc.constantFrom<Version>('1.0.3', '2.0.0');
const small = (most: number) => fc.nat({ max: most });
/** A number from 0, or -1 for none, which it is in so many of ten cases. */
const maybe = (most: number, none: number) =>
  fc.oneof({ arbitrary: fc.constant(-1), weight: none }, { arbitrary: small(most), weight: 10 - none });
const some = <T>(value: fc.Arbitrary<T>, none: number) =>
  fc.oneof({ arbitrary: fc.constant(undefined), weight: none }, { arbitrary: value, weight: 10 - none });
const mostly = (of: number) => small(9).map((drawn) => drawn < of);

const target: fc.Arbitrary<Target> = fc.oneof(
  { arbitrary: fc.record({ recorded: small(999) }), weight: 3 },
  { arbitrary: fc.record({ slot: small(SLOTS - 1) }), weight: 2 },
);

const core: fc.Arbitrary<DrawnCore> = fc.record({
  actor: small(6),
  verb: small(2),
  object: fc.oneof(
    {
      arbitrary: fc.record({ kind: fc.constant('activity' as const), activity: small(3), definition: maybe(4, 4) }),
      weight: 5,
    },
    { arbitrary: fc.record({ kind: fc.constant('agent' as const), who: small(6) }), weight: 1 },
    { arbitrary: fc.record({ kind: fc.constant('ref' as const), target }), weight: 3 },
  ),
  context: fc.record({
    registration: maybe(2, 4),
    instructor: maybe(6, 7),
    team: maybe(1, 8),
    parent: maybe(3, 7),
    others: fc.array(small(3), { maxLength: 2 }),
    contextAgent: maybe(3, 7),
    contextGroup: maybe(1, 8),
  }),
});

const statement: fc.Arbitrary<DrawnStatement> = fc
  .tuple(
    core,
    fc.record({
      slot: some(small(SLOTS - 1), 3),
      upperCase: mostly(1),
      again: fc.oneof({ arbitrary: fc.constant(undefined), weight: 1 }, { arbitrary: small(6), weight: 24 }),
      sub: some(core, 9),
      voids: some(target, 8),
      timestamp: maybe(4, 3),
      result: maybe(3, 5),
      broken: small(39).map((drawn) => drawn === 0),
    }),
  )
  .map(([first, second]) => ({ ...first, ...second }));

const instant: fc.Arbitrary<DrawnInstant> = fc.record({
  recorded: small(999),
  off: fc.constantFrom(0, 0, 0, -1, 1),
  zone: small(2),
});

const query: fc.Arbitrary<DrawnQuery> = fc.record({
  verb: maybe(3, 6),
  activity: maybe(4, 6),
  agent: maybe(8, 5),
  registration: maybe(2, 7),
  relatedActivities: fc.boolean(),
  relatedAgents: fc.boolean(),
  since: some(instant, 6),
  until: some(instant, 6),
  ascending: some(fc.boolean(), 3),
  limit: some(fc.constantFrom(0, 1, 2, 3, 7, 5_000), 4),
  format: some(fc.constantFrom('exact' as const, 'ids' as const, 'canonical' as const), 4),
  mine: mostly(2),
  version,
  postsBetween: mostly(1),
});

const at: fc.Arbitrary<DrawnDocument> = fc.record({
  resource: small(2),
  activity: small(1),
  agent: small(1),
  registration: maybe(1, 4),
  id: small(3),
  version,
});

const preconditions: fc.Arbitrary<DrawnPreconditions> = fc.record({
  ifMatch: some(
    fc.constantFrom('right' as const, 'right' as const, 'wrong' as const, 'any' as const, 'list' as const),
    6,
  ),
  ifNoneMatch: some(fc.constantFrom('right' as const, 'wrong' as const, 'any' as const), 7),
});

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 24,
    arbitrary: fc
      .record({
        do: fc.constant('post' as const),
        statements: fc.array(statement, { minLength: 1, maxLength: 6, size: 'max' }),
        batch: fc.boolean(),
        version,
        limited: mostly(2),
        killed: small(59).map((drawn) => drawn === 0),
      })
      .map((post) => (post.batch ? post : { ...post, statements: post.statements.slice(0, 1) })),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('put' as const),
      statement,
      slot: small(SLOTS - 1),
      idInBody: fc.constantFrom('same' as const, 'same' as const, 'none' as const, 'none' as const, 'other' as const),
      version,
      limited: mostly(2),
    }),
  },
  { weight: 30, arbitrary: fc.record({ do: fc.constant('query' as const), query }) },
  {
    weight: 10,
    arbitrary: fc.record({
      do: fc.constant('one' as const),
      target,
      voided: mostly(3),
      mine: mostly(2),
      format: fc.constantFrom('exact' as const, 'ids' as const),
      upperCase: mostly(2),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('activity' as const), activity: small(4) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('person' as const), agent: small(8) }) },
  {
    weight: 16,
    arbitrary: fc.record({
      do: fc.constantFrom('put document' as const, 'merge document' as const),
      at,
      content: small(7),
      preconditions,
    }),
  },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('delete document' as const), at, preconditions }) },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constantFrom('delete all documents' as const, 'read document' as const, 'read document' as const),
      at,
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('list documents' as const),
      at,
      since: fc.constantFrom('none' as const, 'second before' as const, 'later' as const),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('restart' as const),
      how: fc.constantFrom('stop' as const, 'kill' as const),
      loseIndex: mostly(4),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('rebuild' as const) }) },
);

export const steps: fc.Arbitrary<Step[]> = fc.array(step, { minLength: 1, maxLength: 150, size: 'max' });
