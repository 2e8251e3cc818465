// Statements in the shapes that real systems send: Moodle's logstore_xapi, cmi5 (launching system and content), SCORM wrappers
// and H5P. Written after what those systems document; the people and courses are invented.

import { CONTENT, type Course, type Learner, LMS } from './cast.ts';
import { inUtc, withOffset } from './moments.ts';

/** A statement before it is sent; loose, because systems send what they like. */
export type SampleStatement = { readonly id: string; readonly timestamp: string } & Readonly<Record<string, unknown>>;

const VERBS = {
  viewed: ['http://id.tincanapi.com/verb/viewed', 'viewed'],
  enrolled: ['http://www.tincanapi.co.uk/verbs/enrolled_onto_learning_plan', 'enrolled onto learning plan'],
  launched: ['http://adlnet.gov/expapi/verbs/launched', 'launched'],
  initialized: ['http://adlnet.gov/expapi/verbs/initialized', 'initialized'],
  completed: ['http://adlnet.gov/expapi/verbs/completed', 'completed'],
  passed: ['http://adlnet.gov/expapi/verbs/passed', 'passed'],
  failed: ['http://adlnet.gov/expapi/verbs/failed', 'failed'],
  terminated: ['http://adlnet.gov/expapi/verbs/terminated', 'terminated'],
  answered: ['http://adlnet.gov/expapi/verbs/answered', 'answered'],
  satisfied: ['https://w3id.org/xapi/adl/verbs/satisfied', 'satisfied'],
  waived: ['https://w3id.org/xapi/adl/verbs/waived', 'waived'],
  abandoned: ['https://w3id.org/xapi/adl/verbs/abandoned', 'abandoned'],
} as const;
export type VerbName = keyof typeof VERBS;

function verb(name: VerbName, language: string): Record<string, unknown> {
  const [id, display] = VERBS[name];
  return { id, display: { [language]: display } };
}

function account(learner: Learner): Record<string, unknown> {
  return { objectType: 'Agent', name: learner.name, account: { homePage: LMS, name: learner.code } };
}

/** A duration in whole seconds (ISO 8601). */
export function duration(seconds: number): string {
  return `PT${Math.floor(seconds / 60)}M${seconds % 60}S`;
}

// ---- Moodle, logstore_xapi: batches from the server's cron; English keys only, whole seconds, completion without a result.

export function moodle(
  id: string,
  learner: Learner,
  course: Course,
  event: { readonly verb: VerbName; readonly event: string; readonly at: number; readonly quiz?: QuizResult },
): SampleStatement {
  const site = {
    id: LMS,
    definition: { type: 'http://id.tincanapi.com/activitytype/lms', name: { en: 'Mission Learning' } },
  };
  const page = {
    id: `${LMS}/course/view.php?id=${course.id}`,
    definition: {
      type: 'http://id.tincanapi.com/activitytype/lms/course',
      name: { en: course.name.en },
      extensions: { 'https://w3id.org/learning-analytics/learning-management-system/external-id': `C-${course.id}` },
    },
  };
  const quiz = {
    id: `${LMS}/mod/quiz/view.php?id=${course.id}7`,
    definition: {
      type: 'http://id.tincanapi.com/activitytype/school-assessment',
      name: { en: `${course.name.en}: final quiz` },
    },
  };
  return {
    id,
    actor: { name: learner.name, account: { homePage: LMS, name: learner.code } },
    verb: verb(event.verb, 'en'),
    object: { objectType: 'Activity', ...(event.quiz ? quiz : page) },
    ...(event.quiz ? { result: event.quiz } : {}),
    context: {
      platform: 'Moodle',
      language: 'en',
      contextActivities: {
        grouping: event.quiz ? [site, page] : [site],
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
          event_name: event.event,
          event_function: '\\src\\transformer\\events',
        },
      },
    },
    timestamp: withOffset(event.at),
  };
}

export interface QuizResult {
  readonly score: { readonly raw: number; readonly min: number; readonly max: number; readonly scaled: number };
  readonly completion: boolean;
  readonly success: boolean;
  readonly duration: string;
}

/** A quiz of 20 marks of which 12 are needed. */
export function quizResult(marks: number, seconds: number): QuizResult {
  return {
    score: { raw: marks, min: 0, max: 20, scaled: marks / 20 },
    completion: true,
    success: marks >= 12,
    duration: duration(seconds),
  };
}

// ---- cmi5: statements of one session, from the launching system and from the content (cmi5 9.3, 9.6).

const CMI5 = { id: 'https://w3id.org/xapi/cmi5/context/categories/cmi5' };
const MOVE_ON = { id: 'https://w3id.org/xapi/cmi5/context/categories/moveon' };

export interface Cmi5Session {
  readonly learner: Learner;
  readonly course: Course;
  readonly registration: string;
  readonly session: string;
}

export function cmi5(
  id: string,
  { learner, course, registration, session }: Cmi5Session,
  said: {
    readonly verb: VerbName;
    readonly at: number;
    readonly result?: Readonly<Record<string, unknown>>;
    readonly moveOn?: boolean;
    readonly masteryScore?: number;
    /** `satisfied` speaks of the whole course, the others of the assignable unit. */
    readonly ofCourse?: boolean;
  },
): SampleStatement {
  const publisherId = `${CONTENT}/cmi5/${course.id}/au/1`;
  return {
    id,
    actor: account(learner),
    verb: verb(said.verb, 'en-US'),
    object: {
      objectType: 'Activity',
      id: said.ofCourse ? `${LMS}/cmi5/course/${course.id}` : `${LMS}/cmi5/au/${course.id}-1`,
      definition: {
        name: { en: course.name.en, hi: course.name.hi },
        type: said.ofCourse
          ? 'https://w3id.org/xapi/cmi5/activitytype/course'
          : 'http://adlnet.gov/expapi/activities/module',
      },
    },
    ...(said.result ? { result: said.result } : {}),
    context: {
      registration,
      contextActivities: {
        category: said.moveOn ? [CMI5, MOVE_ON] : [CMI5],
        grouping: [{ id: publisherId, objectType: 'Activity' }],
      },
      extensions: {
        'https://w3id.org/xapi/cmi5/context/extensions/sessionid': session,
        ...(said.masteryScore === undefined
          ? {}
          : { 'https://w3id.org/xapi/cmi5/context/extensions/masteryscore': said.masteryScore }),
        ...(said.verb === 'launched'
          ? {
              'https://w3id.org/xapi/cmi5/context/extensions/launchmode': 'Normal',
              'https://w3id.org/xapi/cmi5/context/extensions/moveon': 'CompletedAndPassed',
              'https://w3id.org/xapi/cmi5/context/extensions/launchurl': `${CONTENT}/cmi5/${course.id}/index.html`,
            }
          : {}),
      },
    },
    timestamp: inUtc(said.at),
  };
}

// ---- A SCORM package played by a wrapper: mbox actors, an attempt as the object, scores raw and scaled.

export function scorm(
  id: string,
  learner: Learner,
  course: Course,
  said: {
    readonly verb: VerbName;
    readonly at: number;
    readonly attempt: number;
    readonly result?: Readonly<Record<string, unknown>>;
  },
): SampleStatement {
  const activity = `${CONTENT}/scorm/${course.id}`;
  return {
    id,
    actor: { objectType: 'Agent', name: learner.name, mbox: learner.mbox },
    verb: verb(said.verb, 'en-US'),
    object: {
      id: `${activity}/attempt/${learner.code}-${said.attempt}`,
      objectType: 'Activity',
      definition: {
        type: 'http://adlnet.gov/expapi/activities/attempt',
        name: { 'en-IN': course.name.en, 'hi-IN': course.name.hi },
      },
    },
    ...(said.result ? { result: said.result } : {}),
    context: {
      contextActivities: {
        grouping: [{ id: activity, definition: { type: 'http://adlnet.gov/expapi/activities/course' } }],
        category: [
          { id: 'https://w3id.org/xapi/scorm', definition: { type: 'http://adlnet.gov/expapi/activities/profile' } },
        ],
      },
      language: learner.language === 'hi' ? 'hi-IN' : 'en-IN',
    },
    timestamp: inUtc(said.at),
  };
}

// ---- H5P: one interaction answered, in the learner's language.

const CHOICES = [
  { id: '0', description: { en: 'Accept and tell nobody', hi: 'स्वीकार करें और किसी को न बताएँ' } },
  { id: '1', description: { en: 'Decline and report it', hi: 'मना करें और सूचित करें' } },
  { id: '2', description: { en: 'Ask a colleague to accept it', hi: 'किसी सहकर्मी को लेने को कहें' } },
];

export function h5p(
  id: string,
  learner: Learner,
  course: Course,
  said: { readonly at: number; readonly response: number; readonly seconds: number },
): SampleStatement {
  const right = said.response === 1;
  return {
    id,
    actor: account(learner),
    verb: verb('answered', 'en-US'),
    object: {
      id: `${LMS}/mod/hvp/view.php?id=${course.id}?subContentId=2f0c7a52-6bd5-4b9f-9a3e-7f6f3a4c1d10`,
      objectType: 'Activity',
      definition: {
        extensions: { 'http://h5p.org/x-api/h5p-local-content-id': course.id },
        name: { 'en-US': course.name.en, 'hi-IN': course.name.hi },
        description: {
          'en-US': 'A contractor offers you a gift. What do you do?\n',
          'hi-IN': 'कोई ठेकेदार आपको उपहार देता है। आप क्या करेंगे?\n',
        },
        type: 'http://adlnet.gov/expapi/activities/cmi.interaction',
        interactionType: 'choice',
        choices: CHOICES,
        correctResponsesPattern: ['1'],
      },
    },
    context: {
      contextActivities: {
        category: [{ id: 'http://h5p.org/libraries/H5P.MultiChoice-1.16', objectType: 'Activity' }],
        parent: [{ id: `${LMS}/mod/hvp/view.php?id=${course.id}`, objectType: 'Activity' }],
      },
    },
    result: {
      score: { min: 0, raw: right ? 1 : 0, max: 1, scaled: right ? 1 : 0 },
      completion: true,
      success: right,
      duration: `PT${said.seconds}.5S`,
      response: String(said.response),
    },
    timestamp: inUtc(said.at),
  };
}
