// Valid statements of xAPI 1.0.3 in every shape, drawn by fast-check from the tables of Data 2.4 and not from our schemas.

import fc from 'fast-check';
import type { Forms } from './forms.ts';

type Drawn = Readonly<Record<string, unknown>>;

const VOIDED = 'http://adlnet.gov/expapi/verbs/voided';
const SIGNATURE = 'http://adlnet.gov/expapi/attachments/signature';

/** Text as people write it, with what breaks careless code. */
export const text = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('', 'a', 'पाठ्यक्रम', '🙂', 'null', '__proto__', '\u2028"\\\u0000', '1e999') },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 12 }) },
);

/** Any JSON, as an extension may hold (Data 4.1), but for what parseJson refuses. */
export const anyJson: fc.Arbitrary<unknown> = fc
  .letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      fc.constantFrom<unknown>(null, true, false, 0, -0, 1e21, 5e-324, 0.1, -1.5, 2 ** 53 + 2, '', [], {}),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      text,
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(
        fc.oneof(fc.constantFrom('1', '0', 'constructor', 'toString', 'id'), fc.string({ maxLength: 5 })),
        tie('value'),
        {
          maxKeys: 3,
        },
      ),
    ),
  }))
  .value.filter((value) => !JSON.stringify(value).includes('"__proto__":'));

const decimal = fc.oneof(fc.integer({ min: -1000, max: 1000 }), fc.double({ noNaN: true, noDefaultInfinity: true }));

const score: fc.Arbitrary<Drawn> = fc
  .tuple(
    fc.option(fc.oneof(fc.constantFrom(-1, 0, 1, 0.5), fc.double({ min: -1, max: 1, noNaN: true }))),
    fc.uniqueArray(decimal, { minLength: 3, maxLength: 3 }),
    fc.subarray(['raw', 'min', 'max']),
  )
  .map(([scaled, numbers, kept]) => {
    const [min, raw, max] = numbers.toSorted((a, b) => a - b);
    return {
      ...(scaled === null ? {} : { scaled }),
      ...Object.fromEntries(Object.entries({ raw, min, max }).filter(([name]) => kept.includes(name))),
    };
  });

const LISTS: Readonly<Record<string, readonly string[]>> = {
  'true-false': [],
  choice: ['choices'],
  'fill-in': [],
  'long-fill-in': [],
  matching: ['source', 'target'],
  performance: ['steps'],
  sequencing: ['choices'],
  likert: ['scale'],
  numeric: [],
  other: [],
};

/** A statement that 1.0.3 lets through, its values written in the given forms. */
export function validStatement(forms: Forms): fc.Arbitrary<Drawn> {
  const { iri, uuid, timestamp } = forms;
  const languageMap = fc.dictionary(forms.languageTag, text, { maxKeys: 3, noNullPrototype: true });
  const extensions = fc.dictionary(iri, anyJson, { maxKeys: 2, noNullPrototype: true });

  const identifier: fc.Arbitrary<Drawn> = fc.oneof(
    fc.record({ mbox: forms.mailto }),
    fc.record({ mbox_sha1sum: forms.sha1 }),
    fc.record({ openid: iri }),
    fc.record({ account: fc.record({ homePage: iri, name: text }) }),
  );
  const named = fc.record({ name: text }, { requiredKeys: [] });
  const agentType = fc.record({ objectType: fc.constant('Agent') }, { requiredKeys: [] });
  const agent = merged(agentType, named, identifier);
  const anonymousGroup = (name: fc.Arbitrary<Drawn>, least: number, most: number) =>
    merged(
      fc.record({ objectType: fc.constant('Group'), member: fc.array(agent, { minLength: least, maxLength: most }) }),
      name,
    );
  const identifiedGroup = merged(
    fc.record(
      { objectType: fc.constant('Group'), member: fc.array(agent, { maxLength: 2 }) },
      { requiredKeys: ['objectType'] },
    ),
    named,
    identifier,
  );
  const group = fc.oneof(anonymousGroup(named, 1, 3), identifiedGroup);
  const actor = fc.oneof({ weight: 3, arbitrary: agent }, { weight: 1, arbitrary: group });
  const authority = fc.oneof(agent, anonymousGroup(forms.namedAuthorities ? named : fc.constant({}), 2, 2));

  const components = fc
    .uniqueArray(fc.tuple(text, fc.option(languageMap)), { selector: ([id]) => id, maxLength: 3 })
    .map((list) => list.map(([id, description]) => (description === null ? { id } : { id, description })));
  const interaction: fc.Arbitrary<Drawn> = fc.constantFrom(...Object.keys(LISTS)).chain((interactionType) =>
    fc.record(
      {
        interactionType: fc.constant(interactionType),
        correctResponsesPattern: fc.array(text, { maxLength: 2 }),
        ...Object.fromEntries(LISTS[interactionType]!.map((list) => [list, components])),
      },
      { requiredKeys: ['interactionType'] },
    ),
  );
  const definition = merged(
    fc.record(
      { name: languageMap, description: languageMap, type: iri, moreInfo: iri, extensions },
      { requiredKeys: [] },
    ),
    fc.oneof(fc.constant<Drawn>({}), interaction),
  );
  const activity = fc.record({ objectType: fc.constant('Activity'), id: iri, definition }, { requiredKeys: ['id'] });
  const statementRef = fc.record({ objectType: fc.constant('StatementRef'), id: uuid });
  const verb = fc.record({ id: iri, display: languageMap }, { requiredKeys: ['id'] });

  const result = fc.record(
    { score, success: fc.boolean(), completion: fc.boolean(), response: text, duration: forms.duration, extensions },
    { requiredKeys: [] },
  );
  const list = fc.array(activity, { maxLength: 2 });
  const activities: fc.Arbitrary<unknown> = forms.singleActivities ? fc.oneof(list, activity) : list;
  const contextWith = (more: Readonly<Record<string, fc.Arbitrary<unknown>>>) =>
    fc.record(
      {
        registration: uuid,
        instructor: actor,
        team: group,
        contextActivities: fc.record(
          { parent: activities, grouping: activities, category: activities, other: activities },
          { requiredKeys: [] },
        ),
        language: forms.languageTag,
        statement: statementRef,
        extensions,
        ...more,
      },
      { requiredKeys: [] },
    );
  const attachment = fc
    .tuple(
      fc.record(
        {
          usageType: iri,
          display: languageMap,
          description: languageMap,
          contentType: forms.mediaType,
          length: fc.oneof(fc.nat(), fc.constantFrom(0, 2 ** 53 - 1)),
          sha2: forms.sha2,
          fileUrl: iri,
        },
        { requiredKeys: ['usageType', 'display', 'contentType', 'length', 'sha2'] },
      ),
      fc.option(forms.octetStream),
    )
    .map(([given, contentType]) => (contentType === null ? given : { ...given, usageType: SIGNATURE, contentType }));

  const voidedVerb = merged(verb, fc.constant({ id: VOIDED }));
  // "revision" and "platform" are for Activities (Data 2.4.6); "voided" is for StatementRefs (Data 2.3.2).
  const about = (object: fc.Arbitrary<unknown>, verbs: fc.Arbitrary<unknown> = verb, more = {}) =>
    fc.record(
      {
        actor,
        verb: verbs,
        object,
        result,
        context: contextWith(more),
        timestamp,
        attachments: fc.array(attachment, { maxLength: 2 }),
      },
      { requiredKeys: ['actor', 'verb', 'object'] },
    );
  const core = fc.oneof(
    { weight: 4, arbitrary: about(activity, verb, { revision: text, platform: text }) },
    { weight: 1, arbitrary: about(merged(agent, fc.constant({ objectType: 'Agent' }))) },
    { weight: 1, arbitrary: about(group) },
    { weight: 1, arbitrary: about(statementRef) },
    { weight: 1, arbitrary: about(statementRef, voidedVerb) },
  );
  const subStatement = merged(core, fc.constant({ objectType: 'SubStatement' }));
  const assigned = fc.record({ id: uuid, stored: timestamp, authority, version: forms.version }, { requiredKeys: [] });
  const whole = merged(
    fc.oneof({ weight: 5, arbitrary: core }, { weight: 1, arbitrary: about(subStatement) }),
    assigned,
  );
  // As it comes out of a request: plain objects, and no negative zero.
  return whole.map((statement) => JSON.parse(JSON.stringify(statement)) as Drawn);
}

/** The members of all, later ones winning. */
function merged(...parts: fc.Arbitrary<unknown>[]): fc.Arbitrary<Drawn> {
  return fc.tuple(...parts).map((drawn) => Object.assign({}, ...drawn) as Drawn);
}
