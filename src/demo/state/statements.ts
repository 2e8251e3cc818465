// The plan of a person as statements, in the shapes of the systems that send them: the platform's own, Moodle's logstore_xapi
// (English keys only, completion without a result) and cmi5 sessions. Each is posted on its day; what came in late, later.

import type { Day } from '../../../contracts/days.ts';
import { idOf } from '../chance.ts';
import { instantOf } from './calendar.ts';
import { type ListedCourse, LMS, PLATFORM, PLATFORM_ITSELF } from './catalogue.ts';
import type { Learning, Visit } from './learning.ts';
import type { Person, Size } from './people.ts';

/** A statement before it is sent; loose, because systems send what they like. */
export type Said = { readonly id: string; readonly timestamp: string } & Readonly<Record<string, unknown>>;

export interface Posting {
  readonly day: Day;
  readonly from: 'platform' | 'moodle' | 'cmi5';
  say(): readonly Said[];
}

const VERBS = {
  registered: ['http://adlnet.gov/expapi/verbs/registered', 'registered', 'पंजीकृत'],
  unregistered: ['http://adlnet.gov/expapi/verbs/unregistered', 'unregistered', 'पंजीकरण वापस'],
  enrolled: ['http://www.tincanapi.co.uk/verbs/enrolled_onto_learning_plan', 'enrolled onto learning plan', 'नामांकित'],
  launched: ['http://adlnet.gov/expapi/verbs/launched', 'launched', 'आरंभ किया'],
  initialized: ['http://adlnet.gov/expapi/verbs/initialized', 'initialized', 'तैयार'],
  progressed: ['http://adlnet.gov/expapi/verbs/progressed', 'progressed', 'आगे बढ़े'],
  completed: ['http://adlnet.gov/expapi/verbs/completed', 'completed', 'पूर्ण किया'],
  passed: ['http://adlnet.gov/expapi/verbs/passed', 'passed', 'उत्तीर्ण'],
  failed: ['http://adlnet.gov/expapi/verbs/failed', 'failed', 'अनुत्तीर्ण'],
  terminated: ['http://adlnet.gov/expapi/verbs/terminated', 'terminated', 'समाप्त'],
  satisfied: ['https://w3id.org/xapi/adl/verbs/satisfied', 'satisfied', 'संतुष्ट'],
  rated: ['http://id.tincanapi.com/verb/rated', 'rated', 'मूल्यांकन किया'],
  shared: ['http://adlnet.gov/expapi/verbs/shared', 'shared', 'साझा किया'],
  voided: ['http://adlnet.gov/expapi/verbs/voided', 'voided', 'निरस्त'],
} as const;
type VerbName = keyof typeof VERBS;

/** Everything that is posted of a person through all months, in no order. */
export function* postingsOf(person: Person, { visits, contributed }: Learning, size: Size): Generator<Posting> {
  const by: Speaker = { person, seed: size.seed };
  if (person.onboarded?.said) {
    const { on } = person.onboarded;
    yield { day: on, from: 'platform', say: () => [platform(by, PLATFORM_ITSELF, 'registered', on, 8 * 60)] };
  }
  for (const visit of visits) yield* ofVisit(by, visit);
  if (contributed !== undefined) yield { day: contributed, from: 'platform', say: () => [shared(by, contributed)] };
}

interface Speaker {
  readonly person: Person;
  readonly seed: number;
}

function* ofVisit(by: Speaker, visit: Visit): Generator<Posting> {
  const { course, enrolled, on, posted, minute, rating, again, voided } = visit;
  const from = course.delivered;
  if (enrolled !== undefined) {
    yield { day: enrolled, from, say: () => [enrolment(by, visit, enrolled)] };
  }
  yield { day: posted, from, say: () => END[from](by, visit) };
  if (rating !== undefined) {
    const result = { score: { raw: rating, min: 0, max: 5 } };
    yield { day: on, from: 'platform', say: () => [platform(by, course, 'rated', on, minute + 60, { result })] };
  }
  if (again !== undefined) {
    const result = { completion: true, duration: duration(course.minutes * 40) };
    const what = { result, what: 'again' };
    yield { day: again, from: 'platform', say: () => [platform(by, course, 'completed', again, minute, what)] };
  }
  if (voided !== undefined) yield { day: voided, from, say: () => [voiding(by, idOfEnd(by, visit), voided)] };
}

const END: Readonly<Record<ListedCourse['delivered'], (by: Speaker, visit: Visit) => readonly Said[]>> = {
  platform: platformEnd,
  moodle: moodleEnd,
  cmi5: cmi5End,
};

function idOfEnd({ person, seed }: Speaker, { course, end }: Visit): string {
  return idOf(seed, person.code, course.number, end);
}

function enrolment(by: Speaker, visit: Visit, on: Day): Said {
  const { course, minute } = visit;
  return course.delivered === 'moodle'
    ? moodle(by, visit, 'enrolled', on, minute)
    : platform(by, course, 'registered', on, minute);
}

/** A duration in whole seconds (ISO 8601). */
function duration(seconds: number): string {
  return `PT${Math.floor(seconds / 60)}M${Math.floor(seconds % 60)}S`;
}

function verb(name: VerbName): Record<string, unknown> {
  const [id, en, hi] = VERBS[name];
  return { id, display: { en, hi } };
}

function account({ names, language, code }: Person): Record<string, unknown> {
  return { objectType: 'Agent', name: names[language], account: { homePage: PLATFORM, name: code } };
}

// The platform's own.

interface Besides {
  readonly result?: Readonly<Record<string, unknown>>;
  readonly what?: string;
  readonly byMail?: boolean;
  readonly alias?: string | undefined;
}

function platform(
  { person, seed }: Speaker,
  course: ListedCourse,
  said: VerbName,
  on: Day,
  minute: number,
  { result, what = said, byMail = false, alias }: Besides = {},
): Said {
  const { names, language, mail } = person;
  return {
    id: idOf(seed, person.code, course.number, what),
    actor: byMail ? { objectType: 'Agent', name: names[language], mbox: `mailto:${mail}` } : account(person),
    verb: verb(said),
    object: {
      objectType: 'Activity',
      id: alias ?? course.id,
      definition: {
        type: 'http://adlnet.gov/expapi/activities/course',
        name: { hi: course.titles.hi, en: course.titles.en },
      },
    },
    ...(result && { result }),
    context: { platform: 'Mission Platform', language: language === 'hi' ? 'hi-IN' : 'en-IN' },
    timestamp: instantOf(on, minute),
  };
}

function platformEnd(by: Speaker, visit: Visit): Said[] {
  const { course, end, on, minute, score, seconds, byMail, byAlias } = visit;
  const alias = byAlias ? course.aliases[0] : undefined;
  const scored = score === undefined ? {} : { score: { raw: score, min: 0, max: 100, scaled: score / 100 } };
  const say = (verb: VerbName, result?: Record<string, unknown>) => [
    platform(by, course, verb, on, minute, { result: result!, what: end, byMail, alias }),
  ];
  switch (end) {
    case 'completed':
    case 'passed':
      return say(end, {
        completion: true,
        ...(end === 'passed' && { success: true }),
        ...scored,
        duration: duration(seconds),
      });
    case 'failed':
      return say(end, { success: false, ...scored, duration: duration(seconds) });
    case 'enrolled':
      return say('registered');
    case 'left':
      return say('unregistered');
    case 'in-progress':
      return say('progressed', {
        completion: false,
        extensions: { 'https://w3id.org/xapi/cmi5/result/extensions/progress': 20 + (minute % 70) },
      });
  }
}

function shared({ person, seed }: Speaker, on: Day): Said {
  return {
    id: idOf(seed, person.code, 'case study'),
    actor: account(person),
    verb: verb('shared'),
    object: {
      objectType: 'Activity',
      id: caseStudyOf(person),
      definition: {
        type: 'http://id.tincanapi.com/activitytype/case-study',
        name: { hi: `प्रकरण: ${person.names.hi}`, en: `A case from the field, by ${person.names.en}` },
      },
    },
    context: { platform: 'Mission Platform' },
    timestamp: instantOf(on, 17 * 60),
  };
}

/** What a person wrote is an activity of its own. */
export function caseStudyOf({ code }: Person): string {
  return `${PLATFORM}/case-studies/${code}`;
}

function voiding({ seed }: Speaker, statement: string, on: Day): Said {
  return {
    id: idOf(seed, statement, 'voided'),
    actor: { objectType: 'Agent', name: 'Mission Platform', account: { homePage: PLATFORM, name: 'administrator' } },
    verb: verb('voided'),
    object: { objectType: 'StatementRef', id: statement },
    timestamp: instantOf(on, 18 * 60),
  };
}

// Moodle, logstore_xapi.

const MOODLE_EVENTS: Partial<Record<VerbName, string>> = {
  enrolled: '\\core\\event\\user_enrolment_created',
  completed: '\\core\\event\\course_completed',
  failed: '\\mod_quiz\\event\\attempt_submitted',
};

function moodle(
  { person, seed }: Speaker,
  { course, end }: Visit,
  said: VerbName,
  on: Day,
  minute: number,
  result?: object,
): Said {
  return {
    id: idOf(seed, person.code, course.number, said === 'enrolled' && end !== 'enrolled' ? 'enrolled before' : end),
    actor: { name: person.names[person.language], account: { homePage: PLATFORM, name: person.code } },
    verb: { id: VERBS[said][0], display: { en: VERBS[said][1] } },
    object: {
      objectType: 'Activity',
      id: course.aliases[0],
      definition: { type: 'http://id.tincanapi.com/activitytype/lms/course', name: { en: course.titles.en } },
    },
    ...(result && { result }),
    context: {
      platform: 'Moodle',
      language: 'en',
      contextActivities: {
        grouping: [
          {
            id: LMS,
            definition: { type: 'http://id.tincanapi.com/activitytype/lms', name: { en: 'Mission Learning' } },
          },
        ],
        category: [
          {
            id: 'http://moodle.org',
            definition: { type: 'http://id.tincanapi.com/activitytype/source', name: { en: 'Moodle' } },
          },
        ],
      },
      extensions: {
        'http://lrs.learninglocker.net/define/extensions/info': {
          'http://moodle.org': '4.5.2 (Build: 20250210)',
          'https://github.com/xAPI-vle/moodle-logstore_xapi': 'v4.8.0',
          event_name: MOODLE_EVENTS[said] ?? '\\core\\event\\course_viewed',
        },
      },
    },
    timestamp: instantOf(on, minute),
  };
}

function moodleEnd(by: Speaker, visit: Visit): Said[] {
  const { end, on, minute, score } = visit;
  switch (end) {
    case 'failed':
      return [moodle(by, visit, 'failed', on, minute, { score: { raw: score! / 5, min: 0, max: 20 }, success: false })];
    case 'enrolled':
      return [moodle(by, visit, 'enrolled', on, minute)];
    case 'left':
      return [moodle(by, visit, 'unregistered', on, minute)];
    case 'in-progress':
      return [moodle(by, visit, 'progressed', on, minute, { completion: false })];
    default:
      return [moodle(by, visit, 'completed', on, minute)];
  }
}

// cmi5: statements of one session, from the launching system and from the content (cmi5 9.3, 9.6).

const CMI5 = { id: 'https://w3id.org/xapi/cmi5/context/categories/cmi5' };
const MOVE_ON = { id: 'https://w3id.org/xapi/cmi5/context/categories/moveon' };

function cmi5(
  { person, seed }: Speaker,
  { course, end, on, minute }: Visit,
  said: VerbName,
  second: number,
  { result, isEnd = false }: { readonly result?: object; readonly isEnd?: boolean } = {},
): Said {
  const ofCourse = said === 'satisfied';
  const [courseId, unitId] = course.aliases;
  return {
    id: idOf(seed, person.code, course.number, isEnd ? end : `cmi5 ${said}`),
    actor: account(person),
    verb: verb(said),
    object: {
      objectType: 'Activity',
      id: ofCourse ? courseId : unitId,
      definition: {
        name: { hi: course.titles.hi, en: course.titles.en },
        type: ofCourse
          ? 'https://w3id.org/xapi/cmi5/activitytype/course'
          : 'http://adlnet.gov/expapi/activities/module',
      },
    },
    ...(result && { result }),
    context: {
      registration: idOf(seed, person.code, course.number, 'registration'),
      contextActivities: {
        category: result && said !== 'terminated' ? [CMI5, MOVE_ON] : [CMI5],
        grouping: [{ id: course.id }],
      },
      extensions: {
        'https://w3id.org/xapi/cmi5/context/extensions/sessionid': idOf(seed, person.code, course.number, 'session'),
        ...((said === 'passed' || said === 'failed') && {
          'https://w3id.org/xapi/cmi5/context/extensions/masteryscore': 0.5,
        }),
      },
    },
    timestamp: instantOf(on, minute, second),
  };
}

function cmi5End(by: Speaker, visit: Visit): readonly Said[] {
  const { end, score, seconds } = visit;
  const time = { duration: duration(seconds) };
  const launched = [cmi5(by, visit, 'launched', 0), cmi5(by, visit, 'initialized', 2)];
  const over = (second: number) => cmi5(by, visit, 'terminated', second, { result: time });
  const judged = { score: { scaled: (score ?? 0) / 100 }, success: end === 'passed', ...time };
  switch (end) {
    case 'enrolled':
    case 'left':
      return platformEnd(by, { ...visit, byAlias: false });
    case 'in-progress':
      return [...launched, over(30)];
    case 'failed':
      return [...launched, cmi5(by, visit, 'failed', 29, { result: judged, isEnd: true }), over(30)];
    default:
      return [
        ...launched,
        cmi5(by, visit, 'completed', 40, { result: { completion: true, ...time } }),
        cmi5(by, visit, 'passed', 41, { result: judged, isEnd: true }),
        cmi5(by, visit, 'satisfied', 42),
        over(43),
      ];
  }
}
