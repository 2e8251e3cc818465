// Which requirement of the standard is tested where: the numbers of ADL's list (XAPI-00001 to XAPI-00336) and the sections of
// xAPI 2.0. requirements.test.ts compares this with the tests that there are, so that none is lost in silence.

export const FIRST = 1;
export const LAST = 336;

const JOURNEYS = 'tests/journeys/conformance';
const UNITS = 'tests/unit/xapi';

/** Every number from one to another. */
function through(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, at) => from + at);
}

/** Tested in both versions. A number may be tested in more than one place: then it must be there in each. */
export const TESTED: Readonly<Record<string, readonly number[]>> = {
  [`${UNITS}/formatting.test.ts`]: [...through(1, 11), 13],
  [`${UNITS}/statements.test.ts`]: [17, 19, 20, 22, 23, 24, ...through(27, 30), 96, 98, 101, 123],
  [`${UNITS}/actors.test.ts`]: [...through(31, 43), 65],
  [`${UNITS}/activities.test.ts`]: [...through(44, 57), ...through(59, 63), ...through(66, 73)],
  [`${UNITS}/results.test.ts`]: [...through(74, 83), 124],
  [`${UNITS}/contexts.test.ts`]: through(84, 94),
  [`${UNITS}/attachments.test.ts`]: [25, ...through(102, 107), 115, ...through(118, 120)],
  [`${UNITS}/query.test.ts`]: [12, ...through(149, 151), 154, 155, 168, 171, 172, 181, 324, 325],
  [`${JOURNEYS}/statements-write.test.ts`]: [
    ...[2, 11, 14, 15, 16, 23, 26, 64, 96, 97, 99, 100, 101, 119, 121, 122, 139],
    ...[...through(142, 147), 182, 326, 327, 330, 332],
  ],
  [`${JOURNEYS}/statements-read.test.ts`]: [
    ...[12, 18, ...through(108, 114), ...through(149, 151), ...through(153, 160)],
    ...[...through(162, 166), ...through(168, 181)],
  ],
  [`${JOURNEYS}/attachments.test.ts`]: [...through(115, 117), ...through(127, 135), 161, 167],
  [`${JOURNEYS}/documents.test.ts`]: [
    ...[141, ...through(182, 184), ...through(187, 235), ...through(255, 314), 322, 327],
  ],
  [`${JOURNEYS}/resources.test.ts`]: [...through(236, 254), ...through(315, 319), 327],
  [`${JOURNEYS}/requests.test.ts`]: [15, 125, 126, 140, 321, 323, 324, 325, 328, 330, 331, ...through(333, 335)],
  [`${JOURNEYS}/settings.test.ts`]: [108, 333],
};

/** What 1.0.3 alone has. */
export const TESTED_IN_1_0_3: Readonly<Record<string, readonly number[]>> = {
  [`${UNITS}/contexts.test.ts`]: [10],
  [`${JOURNEYS}/requests.test.ts`]: [148, 336],
};

/** Numbers without a test, and why. */
export const NOT_TESTED: Readonly<Record<number, string>> = {
  21: 'a property given twice: JSON as RFC 8259 leaves it open, and the suites do not test it',
  58: 'the list has the number and no requirement under it',
  95: 'withdrawn from the list',
  136: 'there is no such number',
  137: 'withdrawn from the list',
  138: 'withdrawn from the list',
  152: 'withdrawn from the list',
  185: 'documents of activities and agents that the store does not know: every test of documents uses such',
  186: 'documents of activities and agents that the store does not know: every test of documents uses such',
  320: '`extensions` of About are optional, and there are none',
  329: '500 for faults of the store: no request of a client may cause one',
};

const DOCUMENTS = ['state', 'agent profile', 'activity profile'];

/** Sections of xAPI 2.0, each with a word for what is required there and has no number in the list. */
export const SECTIONS: Readonly<Record<string, readonly string[]>> = {
  [`${UNITS}/statements.test.ts`]: ['4.2.4.3 Version', '4.2.7 Timestamps'],
  [`${UNITS}/contexts.test.ts`]: ['4.2.2.5 Context'],
  [`${JOURNEYS}/statements-write.test.ts`]: [
    ...['4.1.6.1 batch', '4.1.6.1 future', '4.2.4.2 timestamp', '4.2.7 UTC', '4.2.7 IRIs', '4.2.7 durations'],
  ],
  [`${JOURNEYS}/statements-read.test.ts`]: [
    ...['4.1.6.1 Last-Modified', '4.1.6.1 newest', '4.1.6.1 contextAgents', '4.1.6.1 mine'],
  ],
  [`${JOURNEYS}/attachments.test.ts`]: ['4.1.3 PUT'],
  [`${JOURNEYS}/documents.test.ts`]: [
    ...['4.1.6.2', '4.1.6.5', '4.1.6.6'].flatMap((section) =>
      ['ids', 'Last-Modified', 'parameters', 'scopes'].map((word) => `${section} ${word}`),
    ),
    ...['4.1.6.2 scope', '4.1.6.5 scope', '4.1.6.2 apart'],
    ...DOCUMENTS.flatMap((name) =>
      ['ETag', 'If-Match, PUT', 'If-Match, POST', 'If-Match, DELETE', 'If-None-Match', 'conflict', 'new', 'race'].map(
        (word) => `4.1.4 ${word}, ${name}`,
      ),
    ),
  ],
  [`${JOURNEYS}/resources.test.ts`]: [
    ...['4.1.6.3 scopes', '4.1.6.4 activityId', '4.1.6.4 unknown', '4.1.6.4 define', '4.1.6.7 parameters'],
  ],
  [`${JOURNEYS}/requests.test.ts`]: [
    ...['4.1 no alternate syntax', '4.1 405', '4.1 413', '4.1 415', '4.1 429', '4.1 CORS'],
  ],
  [`${JOURNEYS}/settings.test.ts`]: ['4.1 fallback', '4.1 CORS'],
};
