// Which verbs say something of a learner's way through a course, by their IRI: ADL's vocabulary and cmi5, TLA's Master Object
// Model, EDLM's profile of learning management systems, the registry of tincanapi and Activity Streams. A verb that is not here
// leaves no fact: what was viewed, answered, suspended or resumed (Moodle says `resumed` of a changed enrolment) tells no progress,
// and cmi5's `abandoned` ends a session, not the course.

import type { FactKind } from './types.ts';

/** Each has been seen in statements as http and as https. */
const VOCABULARIES = {
  adl: ['adlnet.gov/expapi/verbs/', 'www.adlnet.gov/expapi/verbs/'],
  /** The newer ones of ADL's, among them those of cmi5. */
  cmi5: ['w3id.org/xapi/adl/verbs/'],
  tla: ['w3id.org/xapi/tla/verbs/'],
  edlm: ['xapi.edlm/profiles/edlm-lms/concepts/verbs/'],
  military: ['w3id.org/xapi/dod-isd/verbs/'],
  tincan: ['id.tincanapi.com/verb/'],
  tincanBritain: ['www.tincanapi.co.uk/verbs/'],
  /** The second as Moodle's plugin writes it. */
  activityStreams: ['activitystrea.ms/schema/1.0/', 'activitystrea.ms/'],
} as const;
type Vocabulary = keyof typeof VOCABULARIES;

const VERBS: Readonly<Record<FactKind, { readonly [In in Vocabulary]?: readonly string[] }>> = {
  enrolled: {
    adl: ['registered', 'enrolled'],
    tla: ['registered'],
    edlm: ['enrolled'],
    military: ['enrolled'],
    tincanBritain: ['enrolled_onto_learning_plan'],
  },
  progressed: {
    adl: ['launched', 'initialized', 'attempted', 'progressed'],
    edlm: ['restarted'],
    activityStreams: ['start'],
  },
  completed: { adl: ['completed'], tincan: ['completed'], activityStreams: ['complete'] },
  passed: { adl: ['passed'] },
  failed: { adl: ['failed'] },
  attended: { adl: ['attended'], tla: ['attended'], activityStreams: ['attend'] },
  waived: { adl: ['waived'], cmi5: ['waived'] },
  satisfied: { adl: ['satisfied'], cmi5: ['satisfied'], activityStreams: ['satisfy'] },
  revoked: { adl: ['revoked'], tla: ['revoked', 'forfeited'], edlm: ['uncompleted'] },
  left: { adl: ['unregistered'], tincan: ['unregistered'], activityStreams: ['leave'] },
  contributed: {
    adl: ['shared', 'authored', 'submitted'],
    military: ['submitted'],
    activityStreams: ['author', 'share', 'submit'],
  },
  rated: { adl: ['rated'], tincan: ['rated'] },
};

/** Verb IRI → what it says, before the result is looked at. */
export const KIND_OF_VERB: ReadonlyMap<string, FactKind> = new Map(
  Object.entries(VERBS).flatMap(([kind, vocabularies]) =>
    Object.entries(vocabularies).flatMap(([vocabulary, verbs]) =>
      VOCABULARIES[vocabulary as Vocabulary].flatMap((base) =>
        verbs.flatMap((verb) =>
          ['http', 'https'].map((scheme) => [`${scheme}://${base}${verb}`, kind as FactKind] as const),
        ),
      ),
    ),
  ),
);
