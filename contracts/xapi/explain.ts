// From zod's issues to problems: JSON path, words, and the clause of the standard that asks for it.

import type { z } from 'zod';
import type { Problem } from '../http/problem.ts';
import type { XapiVersion } from '../words.ts';

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

/** Clauses by property: 1.0.3 (Part Two, Data), 2.0 (IEEE 9274.1.1). The innermost known property of a path decides. */
const CLAUSES: Readonly<Record<string, readonly [string, string]>> = {
  actor: ['2.4.2', '4.2.2.1'],
  mbox: ['2.4.2.3', '4.2.2.1'],
  mbox_sha1sum: ['2.4.2.3', '4.2.2.1'],
  openid: ['2.4.2.3', '4.2.2.1'],
  account: ['2.4.2.4', '4.2.2.1'],
  member: ['2.4.2.2', '4.2.2.1'],
  verb: ['2.4.3', '4.2.2.2'],
  object: ['2.4.4', '4.2.2.3'],
  definition: ['2.4.4.1', '4.2.2.3'],
  result: ['2.4.5', '4.2.2.4'],
  score: ['2.4.5.1', '4.2.2.4'],
  duration: ['4.6', '4.2.7'],
  context: ['2.4.6', '4.2.2.5'],
  registration: ['2.4.6.1', '4.2.2.5'],
  contextActivities: ['2.4.6.2', '4.2.2.5'],
  contextAgents: ['2.4.6', '4.2.2.5'],
  contextGroups: ['2.4.6', '4.2.2.5'],
  timestamp: ['4.5', '4.2.7'],
  stored: ['2.4.8', '4.2.4.2'],
  authority: ['2.4.9', '4.2.4.2'],
  version: ['2.4.10', '4.2.4.3'],
  attachments: ['2.4.11', '4.2.2.6'],
  extensions: ['4.1', '4.2.7'],
  display: ['4.2', '4.2.7'],
  name: ['4.2', '4.2.7'],
  description: ['4.2', '4.2.7'],
};

const FORMATTING: readonly [string, string] = ['2.2', '4.2.1'];
const STATEMENT_ID: readonly [string, string] = ['2.4.1', '4.2.4.2'];

function clauseOf(path: Path, version: XapiVersion): string {
  let clause = FORMATTING;
  if (path.length === 1 && path[0] === 'id') clause = STATEMENT_ID;
  else {
    for (let place = path.length - 1; place >= 0; place--) {
      const known = CLAUSES[String(path[place])];
      if (known && Object.hasOwn(CLAUSES, String(path[place]))) {
        clause = known;
        break;
      }
    }
  }
  return version === '1.0.3' ? `xAPI 1.0.3 Data ${clause[0]}` : `xAPI 2.0 ${clause[1]}`;
}

const PLAIN_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** A longer name is cut: a path is to be read, and a body of one enormous name must not be sent back. */
const LONGEST_NAME = 200;

/** `$.actor.mbox`, `$[3].context.extensions['https://…']`. */
export function jsonPath(path: Path, index?: number): string {
  let text = index === undefined ? '$' : `$[${index}]`;
  for (const part of path) {
    if (typeof part === 'number') {
      text += `[${part}]`;
      continue;
    }
    const whole = String(part);
    const name = whole.length > LONGEST_NAME ? `${whole.slice(0, LONGEST_NAME)}…` : whole;
    text += PLAIN_NAME.test(name) ? `.${name}` : `['${name.toWellFormed().replace(/[\\']/g, '\\$&')}']`;
  }
  return text;
}

/** How every schema here is asked: in our words, and with the input at hand for {@link problemsOf}. */
export const inOurWords: z.core.ParseContext<z.core.$ZodIssue> = { reportInput: true, error: words };

function words(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.input === null) return 'must not be null (xAPI allows null inside extensions only)';
  switch (issue.code) {
    case 'invalid_type': {
      const expected = TYPE_NAMES[String(issue.expected)] ?? String(issue.expected);
      return issue.input === undefined
        ? `is missing: ${expected}`
        : `must be ${expected}, not ${typeName(issue.input)}`;
    }
    case 'invalid_value':
      return issue.input === undefined ? `is missing: ${list(issue.values)}` : `must be ${list(issue.values)}`;
    default:
      return undefined;
  }
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'an object',
  record: 'an object',
  array: 'an array',
};

function typeName(value: unknown): string {
  if (Array.isArray(value)) return 'an array';
  return TYPE_NAMES[typeof value] ?? typeof value;
}

/** Every problem that a failed parse found. `index` is the statement's place in its batch. */
export function* problemsOf(
  error: z.core.$ZodError | undefined,
  version: XapiVersion,
  index?: number,
): Generator<Problem> {
  for (const issue of error?.issues ?? []) yield* explain(issue, [], version, index);
}

function* explain(issue: Issue, before: Path, version: XapiVersion, index: number | undefined): Generator<Problem> {
  const path = [...before, ...issue.path];
  const problem = (at: Path, message: string, clausePath: Path = at): Problem => ({
    ...(index === undefined ? {} : { index }),
    path: jsonPath(at, index),
    message,
    clause: clauseOf(clausePath, version),
  });
  switch (issue.code) {
    case 'unrecognized_keys':
      for (const key of issue.keys) {
        yield { ...problem([...path, key], 'is not a property of the standard here'), clause: clauseOf([], version) };
      }
      return;
    case 'invalid_union': {
      if (issue.errors.length === 0) {
        yield problem(path, `must be one of ${list('options' in issue ? issue.options : [])}`);
        return;
      }
      // The only plain union is "a list of Activities or one of them": explain the branch that was meant.
      const [asList, asOne] = issue.errors;
      const meant = Array.isArray(issue.input) ? asList : asOne;
      for (const inner of meant ?? []) yield* explain(inner, path, version, index);
      return;
    }
    case 'invalid_key':
      yield problem(path, issue.issues.map((inner) => `as a key: ${inner.message}`).join('; '));
      return;
    default:
      yield problem(path, issue.message);
  }
}

function list(options: readonly unknown[] | undefined): string {
  return (options ?? []).map((option) => (option === undefined ? 'left out' : String(option))).join(', ');
}
