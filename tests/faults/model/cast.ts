// Who and what the drawn numbers stand for: few enough that statements meet, in every form the standard gives them.

import type { Anything } from '../../journeys/command.ts';
import type { DrawnCore, DrawnStatement, Version } from './drawn.ts';

const HOME = 'https://learn.example.gov.in';

/** The first and the last are one person: the domain of an address is case insensitive. */
export const AGENTS: readonly Anything[] = [
  { name: 'आशा वर्मा', mbox: 'mailto:asha@learn.example.gov.in' },
  { objectType: 'Agent', name: 'Ravi', account: { homePage: 'https://hr.example.gov.in', name: 'EMP|1 é' } },
  { mbox_sha1sum: 'ebd31e95054c018b10727ccffd2ef2ec3a016ee9' },
  { openid: 'https://id.example.gov.in/meena' },
  { objectType: 'Agent', name: 'Asha V.', mbox: 'mailto:asha@LEARN.example.gov.in' },
];

export const GROUPS: readonly Anything[] = [
  {
    objectType: 'Group',
    name: 'Cohort',
    account: { homePage: HOME, name: 'cohort-1' },
    member: [AGENTS[0], AGENTS[1]],
  },
  { objectType: 'Group', member: [AGENTS[2], AGENTS[3]] },
];

/** An Agent or a Group, as actor or instructor. */
export function who(drawn: number): Anything {
  return [...AGENTS, ...GROUPS][drawn % 7];
}

export const VERBS = [
  'http://adlnet.gov/expapi/verbs/completed',
  'http://adlnet.gov/expapi/verbs/passed',
  'https://w3id.org/xapi/dod-isd/verbs/पूर्ण',
];
export const VOIDED = 'http://adlnet.gov/expapi/verbs/voided';

export const ACTIVITIES = [
  `${HOME}/courses/1`,
  `${HOME}/पाठ्यक्रम/2?unit=1&part=%20b`,
  'urn:uuid:0d2a5a0c-6f7e-4b0e-9f4f-4d1a2c0b7e11',
  `${HOME}/courses/1#quiz`,
];
/** In no statement. */
export const UNSEEN = `${HOME}/courses/none`;

const DEFINITIONS: readonly Anything[] = [
  { name: { en: 'Noting', hi: 'टिप्पण' }, type: 'http://adlnet.gov/expapi/activities/course' },
  { name: { en: 'Noting and drafting' } },
  { name: { hi: 'टिप्पण और प्रारूपण' }, description: { en: 'Two days' } },
  { extensions: { [`${HOME}/minutes`]: 90 } },
  { name: { 'en-IN': 'Office procedure' }, moreInfo: `${HOME}/more` },
];

export const REGISTRATIONS = [
  '7c0e31c2-1a39-4a3c-9d8b-1f6f6c1f0b01',
  '7C0E31C2-1A39-4A3C-9D8B-1F6F6C1F0B02',
  '7c0e31c2-1a39-4a3c-9d8b-1f6f6c1f0b03',
];

/** As sent; as 2.0 returns it; the same instant said otherwise (in both versions). */
export const TIMESTAMPS = [
  ['2026-01-05T10:00:00.000Z', '2026-01-05T10:00:00.000Z', '2026-01-05T15:30:00+05:30'],
  ['2026-01-05T10:00:00.000123+05:30', '2026-01-05T04:30:00.000123Z', '2026-01-05T04:30:00.000123Z'],
  ['2036-02-29T23:59:59Z', '2036-02-29T23:59:59Z', '2036-03-01T00:59:59.0+01:00'],
  ['1999-12-31T23:59:59.999-01:00', '2000-01-01T00:59:59.999Z', '2000-01-01T00:59:59.999000Z'],
  ['2026-01-05T10:00:00.000001Z', '2026-01-05T10:00:00.000001Z', '2026-01-05T10:00:00.0000019Z'],
] as const;

const RESULTS: readonly Anything[] = [
  { success: true, score: { scaled: 0.85, raw: 85.5, min: 0, max: 100 }, duration: 'PT1H30M12.345S' },
  { completion: false, response: 'हाँ ☃ \u0000', extensions: { [`${HOME}/attempt`]: { n: [1, null, -1.5e-7] } } },
  { score: { raw: 0 } },
  { duration: 'P4W', extensions: { [`${HOME}/deep`]: [[[{ a: [{}] }]]] } },
];

export const idOfSlot = (slot: number): string =>
  `a5${slot.toString(16).padStart(2, '0')}c1de-0000-4000-8000-0000000000ff`;

function core(drawn: DrawnCore, version: Version, idOf: (target: Anything) => string): Anything {
  const { actor, verb, object, context } = drawn;
  const about: Anything = {};
  if (context.registration >= 0) about.registration = REGISTRATIONS[context.registration];
  if (context.instructor >= 0) about.instructor = who(context.instructor);
  if (context.team >= 0) about.team = GROUPS[context.team];
  if (object.kind === 'activity') about.platform = 'LMS';
  const activities: Anything = {};
  if (context.parent >= 0) activities.parent = { id: ACTIVITIES[context.parent] };
  if (context.others.length > 0) {
    activities.other = context.others.map((activity) => ({ objectType: 'Activity', id: ACTIVITIES[activity] }));
  }
  if (Object.keys(activities).length > 0) about.contextActivities = activities;
  if (version === '2.0.0' && context.contextAgent >= 0) {
    about.contextAgents = [
      { objectType: 'contextAgent', agent: AGENTS[context.contextAgent], relevantTypes: [`${HOME}/role/tutor`] },
    ];
  }
  if (version === '2.0.0' && context.contextGroup >= 0) {
    about.contextGroups = [{ objectType: 'contextGroup', group: GROUPS[context.contextGroup] }];
  }
  // Data 2.4.6: these two are about an Activity.
  if (object.kind !== 'activity') delete about.platform;
  return {
    actor: who(actor),
    verb: { id: VERBS[verb], display: { en: `verb ${verb}` } },
    object:
      object.kind === 'activity'
        ? {
            id: ACTIVITIES[object.activity],
            ...(object.definition < 0 ? {} : { definition: DEFINITIONS[object.definition] }),
          }
        : object.kind === 'agent'
          ? { objectType: 'Agent', ...who(object.who) }
          : { objectType: 'StatementRef', id: idOf(object.target) },
    ...(Object.keys(about).length > 0 ? { context: about } : {}),
  };
}

/** The statement as a client would send it, without its id. */
export function statementOf(drawn: DrawnStatement, version: Version, idOf: (target: Anything) => string): Anything {
  const sent = core(drawn, version, idOf);
  if (drawn.sub) sent.object = { objectType: 'SubStatement', ...core(drawn.sub, version, idOf) };
  if (drawn.voids) {
    sent.verb = { id: VOIDED };
    sent.object = { objectType: 'StatementRef', id: idOf(drawn.voids) };
  }
  if (sent.object.objectType !== undefined && sent.object.objectType !== 'Activity') delete sent.context?.platform;
  if (sent.context && Object.keys(sent.context).length === 0) delete sent.context;
  if (drawn.result >= 0) sent.result = RESULTS[drawn.result];
  if (drawn.timestamp >= 0) sent.timestamp = TIMESTAMPS[drawn.timestamp]![0];
  if (drawn.broken) sent.verb = { ...sent.verb, id: 'no-scheme' };
  return structuredClone(sent);
}

/** The same statement in other words: what Data 2.3.1 calls no difference. Returns it as it was where a way does not apply. */
export function saidAgain(sent: Anything, way: number): Anything {
  const again = structuredClone(sent);
  const members = (actor: Anything): void => {
    if (Array.isArray(actor?.member)) actor.member.reverse();
  };
  switch (way) {
    case 1: {
      const known = TIMESTAMPS.find(([text, utc]) => text === sent.timestamp || utc === sent.timestamp);
      if (known) again.timestamp = known[2];
      return again;
    }
    case 2:
      again.verb = { id: sent.verb.id, display: { hi: 'कुछ और' } };
      return again;
    case 3:
      if (sent.object.definition) again.object = { id: sent.object.id };
      return again;
    case 4:
      members(again.actor);
      members(again.object);
      members(again.context?.team);
      return again;
    case 5:
      if (sent.result?.duration === 'PT1H30M12.345S') again.result.duration = 'PT1H30M12.349999S';
      if (Array.isArray(again.context?.contextActivities?.parent)) {
        again.context.contextActivities.parent = again.context.contextActivities.parent[0];
      }
      return again;
    case 6:
      again.stored = '2001-01-01T00:00:00Z';
      again.authority = AGENTS[1];
      return again;
    default:
      return again;
  }
}

/** The contents that documents are given. `object`: under application/json, what can be merged. */
export const CONTENTS: readonly { readonly type: string; readonly text: string; readonly object?: Anything }[] = [
  { a: 1, b: { deep: [1, 2] } },
  { b: 'replaced', c: null },
  {},
  // Too large to travel with the manifest.
  { large: 'पृष्ठ'.repeat(1_500) },
]
  .map((object: Anything) => ({ type: 'application/json', text: JSON.stringify(object), object }))
  .concat([
    { type: 'application/json; charset=utf-8', text: '{"d":4}', object: { d: 4 } },
    { type: 'application/json', text: '[1]', object: undefined },
    { type: 'text/plain; charset=utf-8', text: 'पाठ', object: undefined },
    { type: 'application/octet-stream', text: '', object: undefined },
  ]);

export const DOCUMENT_IDS = ['bookmark', 'a/b?c&d=ü +%', 'x'.repeat(300), '__proto__'];
