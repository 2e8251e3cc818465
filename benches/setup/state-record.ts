// The record of a made-up state, written straight into the embedded log as recording would have written it: what HR and the catalogue
// say as loads, then a year of statements, transfers and voids in the order in which they came in.

import { randomUUID } from 'node:crypto';
import { existsSync, renameSync, rmSync } from 'node:fs';
import { dateOf, dayOf } from '../../contracts/days.ts';
import {
  COURSE_LISTED,
  DEPARTMENT_OPENED,
  LOAD_BEGUN,
  LOAD_COMPLETED,
  type LoadKind,
  PERSON_RECORDED,
  POSTING_BEGUN,
  RECORD_OPENED,
  STATEMENT_RECORDED,
} from '../../contracts/events/index.ts';
import { toInstant } from '../../contracts/time.ts';
import { type EventId, type Microseconds, NOTHING, type Revision } from '../../contracts/words.ts';
import { type Statement, VOIDED } from '../../contracts/xapi/index.ts';
import { type EventToAppend, streamsWithPrefix } from '../../src/event-log/index.ts';
import { salt } from '../../src/event-log/json-event.ts';
import { dataFolderAt } from '../../src/event-log/sqlite/data-folder.ts';
import { openSqliteLog } from '../../src/event-log/sqlite/index.ts';
import { prepareStatements } from '../../src/recording/index.ts';
import { stampInto } from '../../src/recording/prepare.ts';
import { perSecond, rounded, say } from './figures.ts';
import { codeOf, courseId, learner, randomNumbers, verbId } from './load.ts';
import {
  AT_SCALE_1,
  COURSES_LISTED,
  LATE_SHARE,
  makeState,
  PLATFORM,
  type State,
  TRANSFERRED_SHARE,
  UNKNOWN_SHARE,
  VOIDED_SHARE,
} from './state.ts';

const AT_ONCE = 5_000;
const streams = streamsWithPrefix('');
const DAY = 86_400_000_000;
const AUTHORITY = { objectType: 'Agent', account: { homePage: 'https://pramaan.example', name: 'bench' } };
const CREDENTIAL = '00000000-0000-4000-8000-00000000beac';

/** How many people a state of this scale has: the first so many codes. */
export const peopleAt = (scale: number): number => Math.round(AT_SCALE_1.people * scale);

/** Writes the record unless the folder has one. Half of one is no log yet: it gets its name at the end. */
export async function fillStateLog(dataDir: string, scale: number, seed: number): Promise<void> {
  const { logFile } = dataFolderAt(dataDir);
  if (existsSync(logFile)) return;
  const unfinished = `${logFile}.unfinished`;
  for (const end of ['', '-wal', '-shm']) rmSync(`${unfinished}${end}`, { force: true });
  const begun = performance.now();
  const log = openSqliteLog(unfinished);
  try {
    let head = NOTHING as Revision;
    let waiting: EventToAppend[] = [];
    const flush = async () => {
      if (waiting.length === 0) return;
      head = (await log.append(streams.record, waiting, { expectedRevision: head })).revision;
      waiting = [];
    };
    let number = 0;
    for (const event of recordOf(scale, seed)) {
      number++;
      waiting.push(event);
      if (waiting.length >= AT_ONCE) await flush();
    }
    await flush();
    const took = performance.now() - begun;
    say('prepared: the record of a state', {
      scale,
      events: number,
      seconds: rounded(took / 1000),
      eventsPerSecond: perSecond(number, took),
    });
  } finally {
    await log.close();
  }
  renameSync(unfinished, logFile);
}

/** Every event in order; `stored` runs over 380 days that end an hour ago. */
function* recordOf(scale: number, seed: number): Generator<EventToAppend> {
  const end = (Date.now() * 1000 - 3_600_000_000) as Microseconds;
  const clock = { at: end - 380 * DAY };
  const random = randomNumbers(seed);
  const state = makeState(seed);
  const people = peopleAt(scale);
  const posted = new Uint16Array(people);

  yield command(clock, RECORD_OPENED, { recordId: randomUUID(), simulatedClock: false });
  yield* load(clock, 'departments', DEPARTMENT_OPENED, state.nodes.length, (n) => state.nodes[n]!.opened);
  yield* load(clock, 'courses', COURSE_LISTED, state.courses.length, (n) => state.courses[n]!);
  yield* load(clock, 'people', PERSON_RECORDED, people, (n) => person(n, people, random));
  yield* load(clock, 'postings', POSTING_BEGUN, people, (n) => {
    const node = state.drawNode(random);
    posted[n] = node.number;
    return posting(n, state, node.number, random, `20${String(16 + (n % 9)).padStart(2, '0')}-04-01`);
  });
  clock.at = end - 365 * DAY;
  yield* aYear(clock, end, scale, people, state, posted, random);
}

interface Clock {
  at: number;
}

const RECORD_METADATA = JSON.stringify({ credential: CREDENTIAL, $correlationId: 'bench', codec: 'plain' }).slice(
  0,
  -1,
);

function command(clock: Clock, type: string, data: unknown, loadId?: string): EventToAppend {
  clock.at += 7;
  const of = loadId === undefined ? '' : `,"load":"${loadId}"`;
  return {
    id: randomUUID() as EventId,
    type,
    contentType: 'json',
    data: Buffer.from(JSON.stringify(data)),
    metadata: Buffer.from(
      `${RECORD_METADATA}${of},"recordedAt":"${toInstant(clock.at as Microseconds)}","salt":"${salt()}"}`,
    ),
  };
}

function* load(
  clock: Clock,
  kind: LoadKind,
  type: string,
  events: number,
  dataOf: (n: number) => unknown,
): Generator<EventToAppend> {
  const id = randomUUID();
  yield command(clock, LOAD_BEGUN, { load: id, kind, events, sha256: '0'.repeat(64), name: `${kind}.csv` });
  for (let n = 0; n < events; n++) yield command(clock, type, dataOf(n), id);
  yield command(clock, LOAD_COMPLETED, { load: id, events });
}

const GIVEN: readonly (readonly [string, string])[] = [
  ...([
    ['Asha', 'आशा'],
    ['Ramesh', 'रमेश'],
    ['Farida', 'फ़रीदा'],
    ['Gurpreet', 'गुरप्रीत'],
    ['Sunita', 'सुनीता'],
  ] as const),
  ...([
    ['Anil', 'अनिल'],
    ['Nasreen', 'नसरीन'],
    ['Kavita', 'कविता'],
    ['Vijay', 'विजय'],
    ['Pooja', 'पूजा'],
  ] as const),
];
const FAMILY: readonly (readonly [string, string])[] = [
  ...([
    ['Verma', 'वर्मा'],
    ['Kumar', 'कुमार'],
    ['Siddiqui', 'सिद्दीक़ी'],
    ['Singh', 'सिंह'],
    ['Yadav', 'यादव'],
  ] as const),
  ...([
    ['Tripathi', 'त्रिपाठी'],
    ['Khan', 'ख़ान'],
    ['Mishra', 'मिश्रा'],
    ['Gupta', 'गुप्ता'],
    ['Sharma', 'शर्मा'],
  ] as const),
];

/** The account of the learning platform is the employee code. Who registers by a statement has no date of HR's. */
function person(n: number, people: number, random: () => number): unknown {
  const [given, givenInHindi] = GIVEN[Math.floor(random() * GIVEN.length)]!;
  const [family, familyInHindi] = FAMILY[Math.floor(random() * FAMILY.length)]!;
  const code = codeOf(n);
  const byHr = registrationOf(n, people) >= AT_SCALE_1.registrations * (people / AT_SCALE_1.people);
  return {
    code,
    names: { hi: `${givenInHindi} ${familyInHindi}`, en: `${given} ${family}` },
    identities: [`account:https://hr.example.gov.in|${code}`],
    ...(byHr && { onboarded: `2025-${String(1 + (n % 9)).padStart(2, '0')}-15` }),
  };
}

/** A permutation of the people: the n-th to register, and when the n-th registers. */
const STRIDE = 1_000_003;
const nthToRegister = (nth: number, people: number): number => (nth * STRIDE) % people;
let inverse: { readonly people: number; readonly stride: number } | undefined;
function registrationOf(n: number, people: number): number {
  if (inverse?.people !== people) inverse = { people, stride: inverseOf(STRIDE, people) };
  return Number((BigInt(n) * BigInt(inverse.stride)) % BigInt(people));
}
function inverseOf(value: number, modulus: number): number {
  let [r0, r1, t0, t1] = [modulus, value % modulus, 0, 1];
  while (r1 !== 0) {
    const q = Math.floor(r0 / r1);
    [r0, r1, t0, t1] = [r1, r0 - q * r1, t1, t0 - q * t1];
  }
  if (r0 !== 1) throw new Error(`${modulus} people cannot be shuffled by ${value}`);
  return t0 < 0 ? t0 + modulus : t0;
}

const DESIGNATIONS = ['Officer', 'Section Officer', 'Assistant', 'Clerk', 'Field Worker', 'Driver'];

function posting(n: number, state: State, node: number, random: () => number, from: string): unknown {
  const { opened, department } = state.nodes[node]!;
  const rank = Math.floor(DESIGNATIONS.length * random() ** 0.6);
  const district = /\.(T\d+)/.exec(opened.id)?.[1];
  return {
    code: codeOf(n),
    kind: 'substantive',
    department: opened.id,
    details: {
      designation: `${DESIGNATIONS[rank]} D${department + 1}`,
      cadre: random() < 0.75 ? 'regular' : random() < 0.6 ? 'contractual' : 'honorarium',
      group: 'ABCD'[Math.min(3, rank)],
      ...(rank === 0 && { service: 'State Civil Service', batch: String(1990 + (n % 35)) }),
      ...(district && { district }),
    },
    from,
  };
}

// ---- statements: bytes made once a course, in which ids, learner, time, score and duration are written over.

const NO_ID = '00000000-0000-4000-8000-000000000000';
const NO_CODE = codeOf(0);
const NO_TIME = '2026-01-01T00:00:00.000Z';
const NO_SCORE = '0.11';
const NO_MINUTES = 'PT10M';

interface Form {
  readonly bytes: Buffer;
  readonly ids: readonly number[];
  readonly code: number;
  readonly time: number;
  readonly score: number;
  readonly minutes: number;
}

function formOf(verb: string, id: string, titles: { readonly hi: string; readonly en: string }, result?: object): Form {
  const statement = {
    id: NO_ID,
    actor: { objectType: 'Agent', ...learner(0) },
    verb: { id: verbId(verb), display: { 'en-IN': verb, 'hi-IN': verb === 'completed' ? 'पूर्ण किया' : 'आरम्भ किया' } },
    object: {
      objectType: 'Activity',
      id,
      definition: {
        type: 'http://adlnet.gov/expapi/activities/course',
        name: { 'en-IN': titles.en, 'hi-IN': titles.hi },
      },
    },
    ...(result && { result }),
    context: {
      registration: NO_ID,
      platform: 'Moodle',
      language: 'hi-IN',
      contextActivities: {
        grouping: [{ id: PLATFORM }],
        category: [{ id: 'https://w3id.org/xapi/cmi5/context/categories/cmi5' }],
      },
      extensions: { 'https://w3id.org/xapi/cmi5/context/extensions/sessionid': `s-${id.length}` },
    },
    timestamp: NO_TIME,
  };
  const as = { version: '2.0.0', authority: AUTHORITY, keepAuthority: false } as const;
  const bytes = Buffer.from(prepareStatements([statement as unknown as Statement], as)[0]!.json);
  const first = bytes.indexOf(NO_ID);
  return {
    bytes,
    ids: [first, bytes.indexOf(NO_ID, first + 1)],
    code: bytes.indexOf(NO_CODE),
    time: bytes.indexOf(NO_TIME),
    score: bytes.indexOf(NO_SCORE),
    minutes: bytes.indexOf(NO_MINUTES),
  };
}

const STATEMENT_METADATA = JSON.stringify({
  credential: CREDENTIAL,
  scopes: ['all', 'void', 'import'],
  $correlationId: 'bench',
  $causationId: 'bench',
  part: [1, 1],
  version: '2.0.0',
  assigned: ['version'],
  codec: 'plain',
}).slice(0, -1);

function statementEvent(data: Buffer, stored: number): EventToAppend {
  stampInto(data, toInstant(stored as Microseconds), false);
  return {
    id: randomUUID() as EventId,
    type: STATEMENT_RECORDED,
    contentType: 'json',
    data,
    metadata: Buffer.from(`${STATEMENT_METADATA},"salt":"${salt()}"}`),
  };
}

/** So many completions wait to be voided or not. */
const VOIDABLE = 2_000;
const KINDS = ['registrations', 'completions', 'launches', 'transfers', 'voids'] as const;

function* aYear(
  clock: Clock,
  end: number,
  scale: number,
  people: number,
  state: State,
  posted: Uint16Array,
  random: () => number,
): Generator<EventToAppend> {
  const left = {
    registrations: Math.round(AT_SCALE_1.registrations * scale),
    completions: Math.round(AT_SCALE_1.completions * scale),
    launches: Math.round(AT_SCALE_1.launches * scale),
    transfers: Math.round(people * TRANSFERRED_SHARE),
    voids: Math.round(AT_SCALE_1.completions * scale * VOIDED_SHARE),
  };
  const result = { score: { scaled: Number(NO_SCORE) }, completion: true, duration: NO_MINUTES };
  const titlesOf = (n: number) => ({ hi: `पाठ्यक्रम ${n}`, en: `Course ${n}` });
  const completed = Array.from({ length: COURSES_LISTED }, (_, n) =>
    formOf('completed', courseId(n), titlesOf(n), result),
  );
  const launched = Array.from({ length: COURSES_LISTED }, (_, n) => formOf('launched', courseId(n), titlesOf(n)));
  const registered = formOf('registered', PLATFORM, { hi: 'मिशन अधिगम', en: 'Mission Learning' });
  const total = Object.values(left).reduce((sum, n) => sum + n, 0);
  const step = Math.floor((end - clock.at) / total);
  const voidable: string[] = [];
  let onPlatform = 0;
  let made = 0;

  const write = (form: Form, who: number, late: boolean): Buffer => {
    const data = Buffer.from(form.bytes);
    const id = randomUUID();
    for (const at of form.ids) data.write(at === form.ids[0] ? id : randomUUID(), at, 'latin1');
    data.write(codeOf(who), form.code, 'latin1');
    const ago = late ? DAY + random() * 90 * DAY : random() * 600_000_000;
    data.write(new Date((clock.at - ago) / 1000).toISOString(), form.time, 'latin1');
    if (form.score >= 0) data.write(String(10 + Math.floor(random() * 90)), form.score + 2, 'latin1');
    if (form.minutes >= 0) data.write(String(10 + Math.floor(random() * 89)), form.minutes + 2, 'latin1');
    if (form.score >= 0 && made % 20 === 0) voidable[made % VOIDABLE] = id;
    return data;
  };
  // Zipf: the n-th course is taken about 1/n as often as the first.
  const course = () => Math.floor(COURSES_LISTED ** random()) - 1;
  const onceRegistered = () => nthToRegister(Math.floor(random() * onPlatform), people);

  /** By what is left of each; registrations come earlier in the year than what is learnt. */
  const drawKind = (): keyof typeof left => {
    if (onPlatform < 100 && left.registrations > 0) return 'registrations';
    const weights = { ...left, registrations: left.registrations * 3 };
    let drawn = random() * Object.values(weights).reduce((sum, n) => sum + n, 0);
    for (const kind of KINDS) {
      drawn -= weights[kind];
      if (drawn < 0) return kind;
    }
    return KINDS.find((kind) => left[kind] > 0)!;
  };

  for (; made < total; made++) {
    clock.at += step;
    const kind = drawKind();
    left[kind]--;
    if (kind === 'registrations') {
      yield statementEvent(write(registered, nthToRegister(onPlatform++, people), false), clock.at);
    } else if (kind === 'completions') {
      const who = random() < UNKNOWN_SHARE ? people + Math.floor(random() * people) : onceRegistered();
      yield statementEvent(write(completed[course()]!, who, random() < LATE_SHARE), clock.at);
    } else if (kind === 'launches') {
      yield statementEvent(write(launched[course()]!, onceRegistered(), false), clock.at);
    } else if (kind === 'transfers') {
      const who = Math.floor(random() * people);
      let node = state.drawNode(random).number;
      while (node === posted[who]) node = state.drawNode(random).number;
      posted[who] = node;
      const from = dateOf(dayOf(clock.at as Microseconds));
      yield command(clock, POSTING_BEGUN, posting(who, state, node, random, from));
    } else {
      const known = voidable.findIndex((id) => id !== undefined);
      const target = known < 0 ? randomUUID() : voidable[known]!;
      if (known >= 0) delete voidable[known];
      yield statementEvent(voiding(target, clock.at), clock.at);
    }
  }
}

function voiding(target: string, stored: number): Buffer {
  const statement = {
    id: randomUUID(),
    actor: AUTHORITY,
    verb: { id: VOIDED, display: { 'en-IN': 'voided' } },
    object: { objectType: 'StatementRef', id: target },
    timestamp: new Date(stored / 1000).toISOString(),
  };
  const as = { version: '2.0.0', authority: AUTHORITY, keepAuthority: false } as const;
  return Buffer.from(prepareStatements([statement as unknown as Statement], as)[0]!.json);
}
