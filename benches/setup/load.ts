// A load of statements for the benches: seeded, of many learners, written as bytes in which only ids and learners change, so
// that the generator takes little of the machine it measures on.

/** The same numbers for the same seed, on every machine. */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export const LEARNERS = 200_000;
export const COURSES = 4_179;
export const VERBS = ['completed', 'passed', 'failed', 'initialized', 'terminated', 'answered', 'progressed'] as const;
/** One statement in so many is by one of ten learners who do little else. */
const RARE_EVERY = 5_000;

export const verbId = (verb: string): string => `http://adlnet.gov/expapi/verbs/${verb}`;
export const courseId = (course: number): string => `https://learning.example.gov.in/courses/${course}`;
export const learner = (number: number) => ({
  account: { homePage: 'https://hr.example.gov.in', name: codeOf(number) },
});
export const rareLearner = (number: number) => learner(LEARNERS + (number % 10));

/** Employee code and account name of the n-th learner. */
export const codeOf = (number: number): string => `EMP-${String(number).padStart(8, '0')}`;
const NO_ID = '00000000-0000-4000-8000-000000000000';
const NO_CODE = codeOf(0);
const HEX = Buffer.from('0123456789abcdef');

export interface OfWhom {
  /** The first so many. Default: all {@link LEARNERS}. */
  readonly learners?: number;
  /** When things happened, milliseconds: first and last. Default: April 2026. */
  readonly between?: readonly [number, number];
}

const APRIL = [Date.UTC(2026, 3, 1), Date.UTC(2026, 4, 1)] as const;

/** A statement of 0.9 kB as an LMS with cmi5 content sends it. */
function template(random: () => number, [first, last]: readonly [number, number]): object {
  // Zipf: the n-th course is taken about 1/n as often as the first.
  const course = Math.floor(COURSES ** random()) - 1;
  const verb = VERBS[Math.floor(VERBS.length * random() ** 2)]!;
  const minutes = 1 + Math.floor(random() * 90);
  const at = new Date(first + Math.floor(random() * (last - first)));
  return {
    id: NO_ID,
    actor: { objectType: 'Agent', account: { homePage: 'https://hr.example.gov.in', name: NO_CODE } },
    verb: { id: verbId(verb), display: { 'en-IN': verb, 'hi-IN': 'पूर्ण किया' } },
    object: {
      objectType: 'Activity',
      id: courseId(course),
      definition: {
        type: 'http://adlnet.gov/expapi/activities/course',
        name: { 'en-IN': `Course ${course}`, 'hi-IN': `पाठ्यक्रम ${course}` },
      },
    },
    result: { score: { scaled: Math.round(random() * 100) / 100 }, completion: true, duration: `PT${minutes}M` },
    context: {
      registration: NO_ID,
      platform: 'Moodle',
      language: 'hi-IN',
      contextActivities: {
        grouping: [{ id: `https://learning.example.gov.in/programmes/${course % 60}` }],
        category: [{ id: 'https://w3id.org/xapi/cmi5/context/categories/cmi5' }],
      },
      extensions: { 'https://w3id.org/xapi/cmi5/context/extensions/sessionid': `s-${course}-${minutes}` },
    },
    timestamp: at.toISOString(),
  };
}

interface Template {
  readonly bytes: Buffer;
  /** Where the ids and registrations are, and where the learners' codes. */
  readonly ids: readonly number[];
  readonly codes: readonly number[];
}

function placesOf(bytes: Buffer, text: string): number[] {
  const places: number[] = [];
  for (let at = bytes.indexOf(text); at >= 0; at = bytes.indexOf(text, at + 1)) places.push(at);
  return places;
}

export interface Load {
  /** Bytes of one statement, on average. */
  readonly statementBytes: number;
  /** A request body of so many statements as at the making, with ids nobody has seen. The buffer is the caller's own. */
  next(): Buffer;
}

/**
 * @param statements in a request; 1 gives a single statement, not a list
 * @param write how the statements of a request become bytes, when not as they are
 */
export function makeLoad(
  seed: number,
  statements: number,
  write: (batch: readonly object[]) => string = (batch) => JSON.stringify(statements === 1 ? batch[0] : batch),
  { learners = LEARNERS, between = APRIL }: OfWhom = {},
): Load {
  const random = randomNumbers(seed);
  const templates: Template[] = Array.from({ length: Math.ceil(20_000 / statements) }, () => {
    const batch = Array.from({ length: statements }, () => template(random, between));
    const bytes = Buffer.from(write(batch));
    return { bytes, ids: placesOf(bytes, NO_ID), codes: placesOf(bytes, NO_CODE) };
  });
  const total = templates.reduce((sum, { bytes }) => sum + bytes.byteLength, 0);
  let used = 0;
  let made = 0;
  return {
    statementBytes: Math.round(total / templates.length / statements),
    next() {
      const { bytes, ids, codes } = templates[used++ % templates.length]!;
      const body = Buffer.from(bytes);
      for (const at of ids) writeId(body, at, random);
      for (const at of codes) {
        const number =
          ++made % RARE_EVERY === 0 ? learners + ((made / RARE_EVERY) % 10) : Math.floor(random() * learners);
        body.write(codeOf(number), at, 'latin1');
      }
      return body;
    },
  };
}

/** A random UUID over the one at `at`; dashes, version and variant stay. */
function writeId(body: Buffer, at: number, random: () => number): void {
  for (let digit = 0, bits = 0, left = 0; digit < 36; digit++) {
    if (digit === 8 || digit === 13 || digit === 14 || digit === 18 || digit === 19 || digit === 23) continue;
    if (left === 0) {
      bits = Math.floor(random() * 2 ** 28);
      left = 7;
    }
    body[at + digit] = HEX[bits & 15]!;
    bits >>>= 4;
    left--;
  }
}
