// Random records and random questions: few agents, verbs and activities, so that they meet; references and voids to
// statements before, after, themselves, and nowhere.

import fc from 'fast-check';
import type { AgentKey, CredentialId } from '../../../contracts/words.ts';
import type { Statement } from '../../../contracts/xapi/index.ts';
import type { StatementQuery } from '../../../src/read-models/statement-index/port.ts';
import type { Recorded } from './naive.ts';
import { storedAt, uuid } from './record.ts';

const VERBS = ['https://v.example/did', 'https://v.example/passed', 'http://adlnet.gov/expapi/verbs/voided'];
const ACTIVITIES = [1, 2, 3].map((number) => `https://a.example/${number}`);
const REGISTRATIONS = [uuid(900), uuid(901)];
const CREDENTIALS = ['c-1', 'c-2'];
const AGENTS = [
  { mbox: 'mailto:asha@example.com', name: 'Asha' },
  { mbox: 'mailto:ravi@example.com' },
  { account: { homePage: 'https://hr.example', name: 'E-17' } },
];
const AGENT_KEYS = [
  'mbox:mailto:asha@example.com',
  'mbox:mailto:ravi@example.com',
  'account:https://hr.example|E-17',
] as AgentKey[];
const LONGEST = 40;

const agent = fc.constantFrom(...AGENTS);
const group = fc.record({
  objectType: fc.constant('Group' as const),
  member: fc.array(agent, { minLength: 1, maxLength: 2 }),
});
const actor = fc.oneof({ arbitrary: agent, weight: 4 }, { arbitrary: group, weight: 1 });
const activity = fc.record({ id: fc.constantFrom(...ACTIVITIES) });
const context = fc.record(
  {
    registration: fc.constantFrom(...REGISTRATIONS),
    instructor: agent,
    team: group,
    contextActivities: fc.record(
      { parent: fc.array(activity, { maxLength: 2 }), grouping: activity },
      { requiredKeys: [] },
    ),
  },
  { requiredKeys: [] },
);
const reference = fc.record({
  objectType: fc.constant('StatementRef' as const),
  id: fc.integer({ min: 0, max: LONGEST + 5 }).map(uuid),
});
const subStatement = fc.record(
  {
    objectType: fc.constant('SubStatement' as const),
    actor,
    verb: fc.constant({ id: VERBS[0]! }),
    object: activity,
    context,
  },
  { requiredKeys: ['objectType', 'actor', 'verb', 'object'] },
);
const object = fc.oneof(
  { arbitrary: activity, weight: 4 },
  { arbitrary: reference, weight: 3 },
  { arbitrary: agent.map((one) => ({ objectType: 'Agent' as const, ...one })), weight: 1 },
  { arbitrary: subStatement, weight: 1 },
);

const entry = fc.oneof(
  { arbitrary: fc.constant('other' as const), weight: 1 },
  {
    arbitrary: fc.record({
      statement: fc
        .record(
          { actor, verb: fc.constantFrom(...VERBS).map((id) => ({ id })), object, context, authority: agent },
          { requiredKeys: ['actor', 'verb', 'object'] },
        )
        // Only a StatementRef can be voided.
        .map((one) =>
          one.verb.id === VERBS[2] && (one.object as Statement['object']).objectType !== 'StatementRef'
            ? { ...one, verb: { id: VERBS[1]! } }
            : one,
        ),
      credential: fc.constantFrom(...CREDENTIALS),
      scopes: fc.constantFrom(['all', 'void'], ['all'], ['statements/write']),
    }),
    weight: 9,
  },
);

/** What follows the record's first event: the statement at sequence n has the id uuid(n). */
export const history: fc.Arbitrary<Recorded[]> = fc
  .array(entry, { minLength: 1, maxLength: LONGEST })
  .map((entries) =>
    entries.map((one, i) =>
      one === 'other' ? one : { ...one, statement: { id: uuid(i + 1), ...one.statement } as Omit<Statement, 'stored'> },
    ),
  );

const instant = fc.integer({ min: -1, max: (LONGEST + 2) * 10 }).map((steps) => storedAt(steps / 10));

const filters = {
  verb: fc.constantFrom(...VERBS),
  activity: fc.constantFrom(...ACTIVITIES),
  agent: fc.constantFrom(...AGENT_KEYS),
  registration: fc.constantFrom(...REGISTRATIONS),
  postedBy: fc.constantFrom(...(CREDENTIALS as CredentialId[])),
  since: instant,
  until: instant,
};
type Filter = keyof typeof filters;

/** Any combination of filters, the small ones (which find something) more often. */
export const question: fc.Arbitrary<StatementQuery> = fc
  .record({
    all: fc.record(filters),
    given: fc.oneof(
      { arbitrary: fc.subarray(Object.keys(filters) as Filter[], { maxLength: 2 }), weight: 4 },
      { arbitrary: fc.subarray(Object.keys(filters) as Filter[]), weight: 1 },
    ),
    rest: fc.record({
      relatedActivities: fc.boolean(),
      relatedAgents: fc.boolean(),
      ascending: fc.boolean(),
      limit: fc.integer({ min: 1, max: 12 }),
    }),
  })
  .map(({ all, given, rest }) => ({
    ...Object.fromEntries(given.map((filter) => [filter, all[filter]])),
    ...rest,
    format: 'exact' as const,
    languages: [],
  }));
