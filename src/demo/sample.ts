// The sample that the demo posts: six weeks of learning, the same for everybody but for the dates, which end yesterday.

import { createHash } from 'node:crypto';
import { COURSES, type Course, LEARNERS, type Learner, LMS } from './cast.ts';
import { certificate } from './certificate.ts';
import { type Chance, chance, idOf } from './chance.ts';
import { midnightInIndia, officeHour } from './moments.ts';
import { type Cmi5Session, cmi5, duration, h5p, moodle, quizResult, type SampleStatement, scorm } from './shapes.ts';

const WEEKS_IN_DAYS = 42;

/** What one system posts, and how it posts it. */
export interface Shipment {
  readonly from: string;
  /** Statements a request: learning platforms send batches, content sends one by one. */
  readonly batch: number;
  /** In order of time. */
  readonly statements: readonly SampleStatement[];
}

export interface Sample {
  readonly shipments: readonly Shipment[];
  /** A statement that names a certificate, and the certificate itself. */
  readonly certified: { readonly statement: SampleStatement; readonly content: Uint8Array<ArrayBuffer> };
  /** Posted by mistake, and so to be voided: an answer of the H5P shipment. */
  readonly mistaken: string;
  /** The running cmi5 session whose content keeps a bookmark. */
  readonly bookmark: {
    readonly learner: Learner;
    readonly activityId: string;
    readonly registration: string;
    readonly state: Readonly<Record<string, unknown>>;
  };
}

/** @param now in milliseconds; statements of the same day are the same to the byte */
export function sample(now: number): Sample {
  const today = midnightInIndia(now);
  const fortune = chance(20_260_401);
  const platform: SampleStatement[] = [];
  const sessions: SampleStatement[] = [];
  const packages: SampleStatement[] = [];
  const interactions: SampleStatement[] = [];
  for (const course of COURSES) {
    for (const learner of LEARNERS) {
      if (!fortune.happens(0.6)) continue;
      const visit: Visit = {
        learner,
        course,
        fortune,
        at: officeHour(today, fortune.whole(1, WEEKS_IN_DAYS), fortune.whole(0, 400)),
        id: (...words) => idOf(course.id, learner.code, ...words),
      };
      if (course.delivered === 'moodle') platform.push(...throughMoodle(visit));
      else if (course.delivered === 'cmi5') sessions.push(...throughCmi5(visit));
      else if (course.delivered === 'scorm') packages.push(...throughScorm(visit));
      else interactions.push(throughH5p(visit));
    }
  }
  const bookmarked = sessionOf(LEARNERS[0]!, COURSES.find(({ delivered }) => delivered === 'cmi5')!);
  return {
    shipments: [
      { from: 'Moodle, logstore_xapi', batch: 50, statements: inOrder(platform) },
      { from: 'SCORM packages behind a wrapper', batch: 25, statements: inOrder(packages) },
      { from: 'H5P in Hindi and English', batch: 10, statements: inOrder(interactions) },
      { from: 'cmi5 sessions', batch: 1, statements: inOrder(sessions) },
    ],
    certified: withCertificate(today),
    mistaken: inOrder(interactions)[0]!.id,
    bookmark: {
      learner: bookmarked.learner,
      activityId: `${LMS}/cmi5/au/${bookmarked.course.id}-1`,
      registration: bookmarked.registration,
      state: { slide: 17, of: 24, language: 'hi-IN', note: 'पासवर्ड नीति' },
    },
  };
}

/** One learner at one course. */
interface Visit {
  readonly learner: Learner;
  readonly course: Course;
  readonly fortune: Chance;
  /** When it begins, in milliseconds. */
  readonly at: number;
  readonly id: (...words: (string | number)[]) => string;
}

const MINUTE = 60_000;

function throughMoodle({ learner, course, fortune, at, id }: Visit): SampleStatement[] {
  const said: SampleStatement[] = [
    moodle(id('enrolled'), learner, course, { verb: 'enrolled', event: '\\core\\event\\user_enrolment_created', at }),
  ];
  let then = at;
  for (let view = 0; view < fortune.whole(1, 3); view++) {
    then += fortune.whole(2, 20) * MINUTE;
    const event = '\\core\\event\\course_viewed';
    said.push(moodle(id('viewed', view), learner, course, { verb: 'viewed', event, at: then }));
  }
  if (fortune.happens(0.75)) {
    then += fortune.whole(5, 25) * MINUTE;
    const quiz = quizResult(fortune.whole(7, 20), fortune.whole(240, 1200));
    const event = '\\mod_quiz\\event\\attempt_submitted';
    said.push(moodle(id('quiz'), learner, course, { verb: 'completed', event, at: then, quiz }));
    if (quiz.success) {
      // Moodle's course_completed comes from its cron and carries no result at all.
      const done = { verb: 'completed', event: '\\core\\event\\course_completed', at: then + 7 * MINUTE } as const;
      said.push(moodle(id('completed'), learner, course, done));
    }
  }
  return said;
}

function sessionOf(learner: Learner, course: Course): Cmi5Session {
  return {
    learner,
    course,
    registration: idOf('registration', course.id, learner.code),
    session: idOf('session', course.id, learner.code),
  };
}

function throughCmi5({ learner, course, fortune, at, id }: Visit): SampleStatement[] {
  const session = sessionOf(learner, course);
  const masteryScore = 0.7;
  if (fortune.happens(0.05)) {
    const result = {
      completion: true,
      success: true,
      extensions: { 'https://w3id.org/xapi/cmi5/result/extensions/reason': 'Tested Out' },
    };
    return [cmi5(id('waived'), session, { verb: 'waived', at, result, moveOn: true })];
  }
  const seconds = fortune.whole(300, 2400);
  const end = at + seconds * 1000;
  const said = [
    cmi5(id('launched'), session, { verb: 'launched', at, masteryScore }),
    cmi5(id('initialized'), session, { verb: 'initialized', at: at + 2_417 }),
  ];
  if (fortune.happens(0.1)) {
    const result = { duration: duration(seconds) };
    return [...said, cmi5(id('abandoned'), session, { verb: 'abandoned', at: end, result })];
  }
  const scaled = fortune.whole(10, 20) / 20;
  const passed = scaled >= masteryScore;
  said.push(
    cmi5(id('completed'), session, {
      verb: 'completed',
      at: end - 9_000,
      result: { completion: true, duration: duration(seconds - 9) },
      moveOn: true,
    }),
    cmi5(id('judged'), session, {
      verb: passed ? 'passed' : 'failed',
      at: end - 5_000,
      result: { score: { scaled }, success: passed, duration: duration(seconds - 5) },
      moveOn: true,
      masteryScore,
    }),
    cmi5(id('terminated'), session, { verb: 'terminated', at: end, result: { duration: duration(seconds) } }),
  );
  if (passed) said.push(cmi5(id('satisfied'), session, { verb: 'satisfied', at: end + 1_250, ofCourse: true }));
  return said;
}

function throughScorm({ learner, course, fortune, at, id }: Visit): SampleStatement[] {
  const said: SampleStatement[] = [];
  let then = at;
  for (let attempt = 1; attempt <= 2; attempt++) {
    const seconds = fortune.whole(400, 2000);
    const raw = fortune.whole(35, 100);
    const passed = raw >= 60;
    said.push(
      scorm(id('initialized', attempt), learner, course, { verb: 'initialized', at: then, attempt }),
      scorm(id('judged', attempt), learner, course, {
        verb: passed ? 'passed' : 'failed',
        at: then + seconds * 1000 - 3_000,
        attempt,
        result: {
          score: { raw, min: 0, max: 100, scaled: raw / 100 },
          success: passed,
          completion: true,
          duration: duration(seconds),
        },
      }),
      scorm(id('terminated', attempt), learner, course, { verb: 'terminated', at: then + seconds * 1000, attempt }),
    );
    if (passed) break;
    then += (seconds + fortune.whole(600, 3000)) * 1000;
  }
  return said;
}

function throughH5p({ learner, course, fortune, at, id }: Visit): SampleStatement {
  const response = fortune.happens(0.8) ? 1 : fortune.pick([0, 2]);
  return h5p(id('answered'), learner, course, { at, response, seconds: fortune.whole(8, 70) });
}

/** The completion of an instructor-led course, with its certificate attached. */
function withCertificate(today: number): Sample['certified'] {
  const learner = LEARNERS[1]!;
  const course = COURSES[0]!;
  const content = certificate(learner.code, course.name.en);
  const done = moodle(idOf('certificate', learner.code), learner, course, {
    verb: 'completed',
    event: '\\mod_customcert\\event\\issue_created',
    at: officeHour(today, 1, 415),
  });
  const attachment = {
    usageType: 'http://id.tincanapi.com/attachment/certificate-of-completion',
    display: { en: 'Certificate', hi: 'प्रमाण पत्र' },
    contentType: 'application/pdf',
    length: content.byteLength,
    sha2: createHash('sha256').update(content).digest('hex'),
  };
  return { statement: { ...done, attachments: [attachment] }, content };
}

function inOrder(statements: readonly SampleStatement[]): SampleStatement[] {
  return statements.toSorted((one, other) => Date.parse(one.timestamp) - Date.parse(other.timestamp));
}
