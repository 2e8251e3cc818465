// Requests for the fuzzer: valid ones of every resource, then spoiled in the ways that clients, proxies and attackers spoil them. The
// n-th request of a seed is the same every time.

import { createHash } from 'node:crypto';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { type Chance, chance } from '../../../src/demo/chance.ts';
import type { Anything } from '../../journeys/command.ts';
import { statement, uuid } from '../../journeys/seeded.ts';

export interface Request {
  method: string;
  path: string;
  /** Pairs, so that a name may come twice. Values are encoded when the request is written. */
  parameters: [name: string, value: string][];
  headers: [name: string, value: string][];
  body: Buffer | undefined;
  /** Fewer bytes are sent than were promised, and then no more. */
  cutShort: boolean;
  /** Each is one chunk of a chunked body. */
  chunked: boolean;
  /** Ways it was spoiled, for those who look at a failure. */
  readonly spoiled: string[];
}

/** What the requests may name: the credential that sends them, one that may be spoiled, statements that are there. */
export interface Surroundings {
  readonly authorization: string;
  readonly victim: string;
  readonly ids: readonly string[];
}

const AGENT = { mbox: 'mailto:asha@learn.example.gov.in' };
const COURSE = 'https://learn.example.gov.in/courses/1';
const VERSIONS = ['1.0.3', '2.0.0'];
const JSON_TYPE = 'application/json';

type Template = (by: Chance, around: Surroundings) => Partial<Request>;

const body = (value: unknown, type = JSON_TYPE): Pick<Request, 'body' | 'headers'> => ({
  body: Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)),
  headers: [['Content-Type', type]],
});
const get = (path: string, parameters: Request['parameters'] = []): Partial<Request> => ({
  method: 'GET',
  path,
  parameters,
});

function anyStatement(by: Chance, { ids }: Surroundings): Anything {
  const one = statement(by);
  if (by.happens(0.2)) one.id = by.pick(ids);
  if (by.happens(0.2)) delete one.id;
  if (by.happens(0.15)) one.object = { objectType: 'StatementRef', id: by.pick(ids) };
  if (by.happens(0.05)) {
    one.verb = { id: 'http://adlnet.gov/expapi/verbs/voided' };
    one.object = { objectType: 'StatementRef', id: by.happens(0.5) ? by.pick(ids) : uuid(by) };
  }
  if (by.happens(0.1)) {
    const { id, ...core } = statement(by);
    one.object = { objectType: 'SubStatement', ...core };
  }
  if (one.object.objectType === undefined || one.object.objectType === 'Activity') {
    if (by.happens(0.2)) {
      one.object.definition = {
        interactionType: 'choice',
        choices: [{ id: 'a', description: { en: 'A' } }],
        correctResponsesPattern: ['a'],
      };
    }
  }
  return one;
}

function multipart(by: Chance, around: Surroundings): Pick<Request, 'body' | 'headers'> {
  const content = Buffer.from(`content ${by.next()}`);
  const sha2 = createHash('sha256').update(content).digest('hex');
  const sent = anyStatement(by, around);
  sent.attachments = [
    {
      usageType: 'https://learn.example.gov.in/usage',
      display: { en: 'A' },
      contentType: 'text/plain',
      length: content.length,
      sha2,
    },
  ];
  const part = (headers: string, bytes: string | Buffer) =>
    Buffer.concat([Buffer.from(`--edge\r\n${headers}\r\n\r\n`), Buffer.from(bytes), Buffer.from('\r\n')]);
  return {
    body: Buffer.concat([
      part('Content-Type: application/json', JSON.stringify([sent])),
      part(`Content-Type: text/plain\r\nContent-Transfer-Encoding: binary\r\nX-Experience-API-Hash: ${sha2}`, content),
      Buffer.from('--edge--\r\n'),
    ]),
    headers: [['Content-Type', 'multipart/mixed; boundary=edge']],
  };
}

function queryParameters(by: Chance, { ids }: Surroundings): Request['parameters'] {
  const all: Request['parameters'] = [
    ['verb', 'http://adlnet.gov/expapi/verbs/completed'],
    ['activity', COURSE],
    ['agent', JSON.stringify(by.happens(0.5) ? AGENT : { account: { homePage: COURSE, name: 'x' } })],
    ['registration', by.pick(ids)],
    ['related_activities', by.pick(['true', 'false'])],
    ['related_agents', 'true'],
    ['since', new Date(1_760_000_000_000).toISOString()],
    ['until', '2036-01-01T00:00:00+05:30'],
    ['limit', String(by.whole(0, 50))],
    ['ascending', by.pick(['true', 'false'])],
    ['format', by.pick(['exact', 'ids', 'canonical'])],
    ['attachments', by.pick(['true', 'false', 'false'])],
  ];
  // A page of everything each time would show nothing more.
  return all.filter(([name]) => name === 'limit' || by.happens(0.2));
}

function cursor(by: Chance): string {
  const token = { v: 1, t: 2_000_000_000, after: by.whole(0, 500), head: by.whole(0, 500), q: { limit: '5' } };
  return Buffer.from(JSON.stringify(token)).toString('base64url');
}

const state = (by: Chance): Request['parameters'] => [
  ['activityId', by.happens(0.8) ? COURSE : `${COURSE}/${by.whole(1, 20)}`],
  ['agent', JSON.stringify(AGENT)],
  ['stateId', `state-${by.whole(1, 5)}`],
];

function document(by: Chance, path: string, parameters: Request['parameters']): Partial<Request> {
  const method = by.pick(['GET', 'HEAD', 'PUT', 'POST', 'DELETE']);
  if (by.happens(0.15)) parameters = parameters.filter(([name]) => !name.endsWith('Id') || name === 'activityId');
  const request: Partial<Request> = { method, path, parameters };
  const content = method === 'PUT' || method === 'POST' ? body({ page: by.whole(1, 9) }) : { headers: [] };
  const headers = [...content.headers];
  if (by.happens(0.4))
    headers.push(
      by.pick([
        ['If-Match', '*'],
        ['If-None-Match', '*'],
        ['If-Match', '"abc"'],
      ]),
    );
  return { ...request, ...content, headers };
}

const WEIGHED: readonly (readonly [weight: number, template: Template])[] = [
  [12, (by, around) => ({ method: 'POST', path: '/xapi/statements', ...body([anyStatement(by, around)]) })],
  [
    6,
    (by, around) => ({
      method: 'POST',
      path: '/xapi/statements',
      ...body(Array.from({ length: by.whole(0, 5) }, () => anyStatement(by, around))),
    }),
  ],
  [6, (by, around) => ({ method: 'POST', path: '/xapi/statements', ...multipart(by, around) })],
  [
    6,
    (by, around) => {
      const { id = uuid(by), ...sent } = anyStatement(by, around);
      return { method: 'PUT', path: '/xapi/statements', parameters: [['statementId', id]], ...body({ id, ...sent }) };
    },
  ],
  [12, (by, around) => ({ ...get('/xapi/statements', queryParameters(by, around)), method: by.pick(['GET', 'HEAD']) })],
  [
    4,
    (by, { ids }) =>
      get('/xapi/statements', [
        [by.pick(['statementId', 'voidedStatementId']), by.pick(ids)],
        ['format', by.pick(['exact', 'ids', 'canonical'])],
      ]),
  ],
  [3, (by) => get('/xapi/statements', [['cursor', cursor(by)]])],
  [
    4,
    (by, around) => ({
      // The alternate request syntax of 1.0.3.
      method: 'POST',
      path: '/xapi/statements',
      parameters: [['method', by.pick(['GET', 'PUT', 'POST', 'DELETE'])]],
      ...body(
        new URLSearchParams({
          'X-Experience-API-Version': '1.0.3',
          'Content-Type': JSON_TYPE,
          Authorization: around.authorization,
          ...(by.happens(0.5) ? { content: JSON.stringify(anyStatement(by, around)) } : { limit: '1' }),
        }).toString(),
        'application/x-www-form-urlencoded',
      ),
    }),
  ],
  [12, (by) => document(by, '/xapi/activities/state', state(by))],
  [
    6,
    (by) =>
      document(by, '/xapi/agents/profile', [
        ['agent', JSON.stringify(AGENT)],
        ['profileId', `profile-${by.whole(1, 5)}`],
      ]),
  ],
  [
    6,
    (by) =>
      document(by, '/xapi/activities/profile', [
        ['activityId', COURSE],
        ['profileId', `profile-${by.whole(1, 5)}`],
      ]),
  ],
  [3, () => get('/xapi/agents', [['agent', JSON.stringify(AGENT)]])],
  [3, () => get('/xapi/activities', [['activityId', COURSE]])],
  [2, () => get('/xapi/about')],
  [1, () => ({ method: 'OPTIONS', path: '/xapi/statements', headers: [['Origin', 'https://content.example']] })],
  [2, (by) => get(by.pick(['/', '/problems', '/problems/conflict', '/health/live', '/health/ready']))],
  [1, () => get('/metrics')],
  [2, () => get('/admin/credentials')],
  [
    1,
    (by) => ({
      method: 'POST',
      path: '/admin/credentials',
      ...body({ name: `fuzz ${by.whole(1, 9)}`, scopes: ['state', 'profile'], requestsPerSecond: 5 }),
    }),
  ],
  [1, (_by, { victim }) => get(`/admin/credentials/${victim}`)],
  [1, (_by, { victim }) => get(`/admin/credentials/${victim}/rejections`)],
  [1, () => get('/admin/rejections')],
  [1, (_by, { victim }) => ({ method: 'POST', path: `/admin/credentials/${victim}/rotate` })],
  [
    1,
    (_by, { victim }) => ({ method: 'POST', path: `/admin/credentials/${victim}/revoke`, ...body({ force: false }) }),
  ],
  [
    1,
    (by) =>
      by.happens(0.5)
        ? get('/admin/clock')
        : { method: 'POST', path: '/admin/clock', ...body({ to: '2030-01-01T00:00:00Z' }) },
  ],
  [
    3,
    (by) =>
      get('/audit/events', [
        ['after', by.pick(['5', '40', '2026-04-01', '2026-04-01T09:30:00Z'])],
        ['limit', '5'],
        ...(by.happens(0.3) ? ([['until', String(by.whole(0, 90))]] as Request['parameters']) : []),
      ]),
  ],
  // It lists every use: of a month in which there was none.
  [1, () => get('/audit/access', [['month', '2020-01']])],
];

/** Each as often as it weighs. */
const TEMPLATES = WEIGHED.flatMap(([weight, template]) => Array.from({ length: weight }, () => template));

/** The request of this number. */
export function requestOf(seed: number, number: number, around: Surroundings): Request {
  const by = chance((seed ^ Math.imul(number + 1, 0x9e3779b1)) >>> 0);
  const template = by.pick(TEMPLATES);
  const { headers = [], ...valid } = template(by, around);
  const request: Request = {
    method: 'GET',
    path: '/',
    parameters: [],
    body: undefined,
    cutShort: false,
    chunked: false,
    spoiled: [],
    headers: [
      ['Host', 'localhost'],
      ['Authorization', around.authorization],
      ['X-Experience-API-Version', by.pick(VERSIONS)],
      ...headers,
    ],
    ...valid,
  };
  for (let times = by.whole(0, 3); times > 0; times--) {
    const [name, spoil] = by.pick(SPOILERS);
    if (spoil(request, by) !== false) request.spoiled.push(name);
  }
  return request;
}

// What is wrong with it

const WEIRD_TEXTS = [
  '',
  ' ',
  '\u0000',
  '\ud800',
  '\u202e',
  '%',
  '%zz',
  '%ff',
  '../../etc/passwd',
  '__proto__',
  'constructor',
  'null',
  'true',
  '-1',
  '1e400',
  '99999999999999999999',
  '-0',
  'NaN',
  '{}',
  '[]',
  '{"mbox":1}',
  '[{"mbox":"mailto:a@b.c"}]',
  '{"objectType":"Group","member":[]}',
  '"',
  '*',
  "' OR 1=1 --",
  '2026-02-30T00:00:00Z',
  '9999-12-31T23:59:59.999999999Z',
  '0000-01-01T00:00:00Z',
  '+292278994-08-17T07:12:55.807Z',
  '2026-01-01',
  '00000000-0000-0000-0000-000000000000',
  'http://',
  'urn:x',
  'x'.repeat(300),
  'é'.repeat(2_000),
  '☃🎓',
  'e\u0301\uffff',
];

/** Written into the JSON as they are. */
const RAW_VALUES = [
  '1e400',
  '-1e400',
  '1e-400',
  '-0',
  '0123',
  '1.',
  '.5',
  '9007199254740993',
  '123456789012345678901234567890',
  '"\\ud800"',
  '"\\udc00\\ud800"',
  '"\\u0000"',
  '"\t"',
  '{"__proto__":{"a":1}}',
  '{"constructor":{"prototype":1}}',
  '{"a":1,"a":2}',
  '{"toString":1}',
  'NaN',
  'undefined',
  '[,]',
  '[1,]',
  '{a:1}',
  "'a'",
  'tru',
  `${'['.repeat(90)}${']'.repeat(90)}`,
  `${'['.repeat(20_000)}${']'.repeat(20_000)}`,
  `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`,
  `"${'x'.repeat(70_000)}"`,
  'null',
  'true',
  '-1',
  '{}',
  '[]',
  '""',
];

const PROPERTIES = [
  'id',
  'actor',
  'verb',
  'object',
  'result',
  'context',
  'timestamp',
  'stored',
  'authority',
  'version',
  'attachments',
  'objectType',
  'mbox',
  'mbox_sha1sum',
  'openid',
  'account',
  'member',
  'definition',
  'extensions',
  'score',
  'duration',
  'registration',
  'contextActivities',
  'contextAgents',
  'contextGroups',
  'relevantTypes',
  'name',
  'display',
  'language',
  'statement',
  'sha2',
  'fileUrl',
  'usageType',
  '__proto__',
  'constructor',
  '',
];

/** False: there was nothing of the kind to spoil. */
type Spoiler = (request: Request, by: Chance) => false | undefined;

/** One place in a JSON body: another value, no value, another name. */
function spoilJson(request: Request, by: Chance): false | undefined {
  const sent = String(request.body);
  // Nested too deep for us to walk: it is spoiled enough.
  if (/(?:\[|\{"a":){200}/.test(sent)) return false;
  let value: Anything;
  try {
    value = JSON.parse(sent);
  } catch {
    return false;
  }
  const places: [holder: Anything, name: string | number][] = [];
  const visit = (holder: Anything): void => {
    if (typeof holder !== 'object' || holder === null) return;
    for (const name of Array.isArray(holder) ? holder.keys() : Object.keys(holder)) {
      places.push([holder, name]);
      visit(holder[name]);
    }
  };
  visit({ value });
  visit(value);
  const [holder, name] = places.length > 0 ? by.pick(places) : [{} as Anything, 'a'];
  let text: string;
  switch (by.whole(0, 4)) {
    case 0:
      if (Array.isArray(holder)) holder.splice(Number(name), 1);
      else delete holder[name];
      text = JSON.stringify(value);
      break;
    case 1:
      holder[name] = by.pick(WEIRD_TEXTS);
      text = JSON.stringify(value);
      break;
    case 2: {
      const other = by.pick(PROPERTIES);
      Object.defineProperty(holder, other, {
        value: holder[name],
        enumerable: true,
        configurable: true,
        writable: true,
      });
      text = JSON.stringify(value);
      break;
    }
    case 3: {
      const [from, there] = by.pick(places.length > 0 ? places : [[holder, name]]);
      const taken = structuredClone(from[there] ?? null);
      holder[name] = taken;
      text = JSON.stringify(value);
      break;
    }
    default:
      holder[name] = 'RAW-VALUE';
      text = JSON.stringify(value).replace('"RAW-VALUE"', () => by.pick(RAW_VALUES));
  }
  request.body = Buffer.from(text);
  return undefined;
}

const BROKEN_BYTES = [
  [0xff, 0xfe],
  [0xc0, 0x80],
  [0xed, 0xa0, 0x80],
  [0xf4, 0x90, 0x80, 0x80],
  [0xef, 0xbb, 0xbf],
  [0x00],
  [0xe2, 0x98],
  [0x0d, 0x0a, 0x0d, 0x0a],
  [0x2d, 0x2d, 0x65, 0x64, 0x67, 0x65, 0x2d, 0x2d],
].map((bytes) => Buffer.from(bytes));

function spoilBytes(request: Request, by: Chance): false | undefined {
  const bytes = request.body;
  if (!bytes || bytes.length === 0) return false;
  const at = by.whole(0, bytes.length - 1);
  switch (by.whole(0, 4)) {
    case 0:
      request.body = Buffer.concat([bytes.subarray(0, at), by.pick(BROKEN_BYTES), bytes.subarray(at)]);
      return undefined;
    case 1:
      request.body = bytes.subarray(0, at);
      return undefined;
    case 2: {
      const flipped = Buffer.from(bytes);
      flipped[at] = flipped[at]! ^ (1 << by.whole(0, 7));
      request.body = flipped;
      return undefined;
    }
    case 3:
      request.body = Buffer.concat([bytes, bytes.subarray(at)]);
      return undefined;
    default:
      request.body = Buffer.from(bytes.toString('utf8'), 'utf16le');
      return undefined;
  }
}

function encoded(request: Request, by: Chance): false | undefined {
  const bytes = request.body ?? Buffer.alloc(0);
  const [name, compress] = by.pick<readonly [string, (bytes: Buffer) => Buffer]>([
    ['gzip', (plain) => gzipSync(plain)],
    ['deflate', (plain) => deflateSync(plain)],
    ['br', (plain) => brotliCompressSync(plain)],
    ['gzip', (plain) => plain],
    ['br', (plain) => deflateSync(plain)],
    ['gzip', (plain) => gzipSync(plain).subarray(0, -9)],
    ['gzip', (plain) => Buffer.concat([gzipSync(plain), Buffer.from('more')])],
    ['gzip', (plain) => gzipSync(Buffer.concat([plain, Buffer.alloc(9_000_000, 32)]))],
    ['zstd', (plain) => plain],
    ['gzip, gzip', (plain) => gzipSync(gzipSync(plain))],
    ['identity', (plain) => plain],
    ['constructor', (plain) => plain],
  ]);
  request.body = compress(bytes);
  request.headers.push(['Content-Encoding', name]);
  return undefined;
}

const HEADERS: readonly (readonly [string, readonly string[]])[] = [
  [
    'X-Experience-API-Version',
    ['', '0.95', '1.0', '1.0.9', '2.0', '2.1.0', '1.0.3, 2.0.0', '2.0.0\tx', 'x'.repeat(5_000)],
  ],
  [
    'Authorization',
    [
      '',
      'Basic',
      'Basic !!!',
      'Basic Og==',
      'Basic /////w==',
      'Bearer abc',
      'Basic eDp5',
      `Basic ${'QUFB'.repeat(1_000)}`,
    ],
  ],
  [
    'Content-Type',
    [
      '',
      'text/plain',
      'application/json; charset=utf-16',
      'application/json; charset=latin1',
      'application/json;;',
      'multipart/mixed',
      'multipart/mixed; boundary=""',
      'multipart/mixed; boundary=other',
      'multipart/form-data; boundary=edge',
      'application/x-www-form-urlencoded',
      'APPLICATION/JSON',
      'application/json; charset="utf-8',
      '/',
      'application/json, text/html',
      '\u00ff',
    ],
  ],
  ['If-Match', ['', '*', '"', 'W/"x"', '"a", "b"', 'a b', ',', '"\u00ff"', '"x'.repeat(500)]],
  ['If-None-Match', ['', '*', '"', 'W/"x"', '"a", "b"', 'a b']],
  ['Accept-Language', ['', '*', 'hi;q=0', 'hi;q=x', 'en-US,en;q=0.5', ','.repeat(900), 'x'.repeat(900), '\u00e9']],
  ['Accept', ['', '*/*', 'text/html', 'application/x-ndjson;q=0', '\u00e9/x;q=9']],
  ['X-Pramaan-At-Least', ['', '0', '-1', 'x', '1e9', '1, 2']],
  ['X-Pramaan-Import', ['true', 'false', '']],
  ['X-Request-Id', ['', 'a', 'a b', '<script>', 'x'.repeat(500), '\u00ff']],
  ['Origin', ['null', 'https://content.example', '', '*']],
  ['Access-Control-Request-Method', ['PUT', '', 'x y']],
  ['Sec-Fetch-Site', ['cross-site', 'none', '']],
  ['Content-Length', ['0', '-1', '1e3', '99999999999', '18446744073709551616', '5, 5', '']],
  ['Transfer-Encoding', ['chunked', 'gzip', 'identity', 'chunked, chunked', '']],
  ['Expect', ['100-continue', '200-ok', '']],
  ['Connection', ['close', 'keep-alive', 'upgrade', '']],
  ['Upgrade', ['websocket', 'h2c']],
  ['Host', ['', 'a b', 'example.com:99999', '[::1']],
  ['Range', ['bytes=0-1', 'bytes=-1']],
  ['Cookie', ['a=b'.repeat(6_000)]],
  ['X-Http-Method-Override', ['DELETE']],
  ['__proto__', ['x']],
  ['Bad Header', ['x']],
  ['X\u0000', ['x']],
  ['X-Folded', ['a\r\n b', 'a\nb']],
];

const PATHS = [
  '/xapi',
  '/xapi/',
  '/xapi/statements/',
  '/xapi//statements',
  '/XAPI/statements',
  '/xapi/Statements',
  '/xapi/statements/more',
  '/xapi/statements/%2e%2e/about',
  '/xapi/%73tatements',
  '/%',
  '/%ff',
  '/xapi/%',
  '/xapi/%c0%80',
  '/%00',
  '/admin',
  '/admin/credentials/',
  '/admin/credentials/%00',
  '/admin/credentials/__proto__',
  '/admin/credentials/x/y/z',
  '/audit',
  '/health',
  '/health/x',
  '/metrics/',
  '/problems/__proto__',
  '/problems/constructor',
  '/problems/%2f',
  '//',
  '*',
  '/?',
  '/..',
  `/${'a/'.repeat(500)}`,
  `/${'é'.repeat(100)}`,
  '',
  'http://other.example/xapi/about',
  '/xapi/activities/state/x',
  '/xapi/agents/',
  '/favicon.ico',
  '/robots.txt',
  'xapi/about',
];

const METHODS = [
  'GET',
  'HEAD',
  'PUT',
  'POST',
  'DELETE',
  'OPTIONS',
  'PATCH',
  'TRACE',
  'CONNECT',
  'PROPFIND',
  'QUERY',
  'get',
  'G ET',
  '',
  'X'.repeat(40),
];

const NAMES = [
  'verb',
  'agent',
  'activityId',
  'stateId',
  'since',
  'limit',
  'cursor',
  'method',
  'statementId',
  'registration',
  'x',
  '__proto__',
  '',
  'a b',
  'toString',
  'after',
  'until',
  'atLeast',
  'month',
  'x'.repeat(99),
  'é',
  'agent[]',
  'limit[a]',
  'profileId',
  'content',
];

const SPOILERS: readonly (readonly [name: string, spoil: Spoiler])[] = [
  ['json', spoilJson],
  ['json again', spoilJson],
  ['json a third time', spoilJson],
  ['bytes', spoilBytes],
  ['encoding', encoded],
  [
    'method',
    (request, by) => {
      request.method = by.pick(METHODS);
      return undefined;
    },
  ],
  [
    'path',
    (request, by) => {
      request.path = by.happens(0.7)
        ? by.pick(PATHS)
        : request.path + by.pick(['/', '/x', '%00', '%', ';a=b', '.json']);
      return undefined;
    },
  ],
  [
    'parameter value',
    (request, by) => {
      if (request.parameters.length === 0) return false;
      by.pick(request.parameters)[1] = by.pick(WEIRD_TEXTS);
      return undefined;
    },
  ],
  [
    'parameter value again',
    (request, by) => {
      if (request.parameters.length === 0) return false;
      const [one] = [by.pick(request.parameters)];
      const at = by.whole(0, one[1].length);
      one[1] = one[1].slice(0, at) + by.pick(WEIRD_TEXTS) + one[1].slice(at);
      return undefined;
    },
  ],
  [
    'parameter',
    (request, by) => {
      const at = by.whole(0, request.parameters.length);
      const other: [string, string] = [by.pick(NAMES), by.pick(WEIRD_TEXTS)];
      request.parameters.splice(at, by.whole(0, 1), by.happens(0.3) ? (request.parameters[0] ?? other) : other);
      return undefined;
    },
  ],
  [
    'header',
    (request, by) => {
      const [name, values] = by.pick(HEADERS);
      if (by.happens(0.7))
        request.headers = request.headers.filter(([known]) => known.toLowerCase() !== name.toLowerCase());
      request.headers.push([name, by.pick(values)]);
      return undefined;
    },
  ],
  [
    'header left out',
    (request, by) => {
      if (request.headers.length > 0) request.headers.splice(by.whole(0, request.headers.length - 1), 1);
      return undefined;
    },
  ],
  [
    'many headers',
    (request, by) => {
      for (let more = by.pick([1, 30, 900, 3_000]); more > 0; more--) request.headers.push([`X-${more}`, '1']);
      return undefined;
    },
  ],
  [
    'cut short',
    (request) => {
      if (!request.body) return false;
      request.cutShort = true;
      return undefined;
    },
  ],
  [
    'chunked',
    (request) => {
      if (!request.body) return false;
      request.chunked = true;
      return undefined;
    },
  ],
];
