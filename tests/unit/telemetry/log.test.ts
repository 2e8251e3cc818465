// Logs hold no personal data, whatever is handed to them.

import { expect, test } from 'vitest';
import { createTelemetry } from '../../../src/telemetry/index.ts';
import { faultInWords, openLog } from '../../../src/telemetry/log.ts';

function captured() {
  const lines: string[] = [];
  return { lines, to: { write: (line: string) => void lines.push(line) } };
}

const answer = {
  method: 'POST',
  route: '/xapi/statements',
  status: 200,
  seconds: 0.01234,
  credential: '0198c0de-0000-4000-8000-000000000001',
  requestId: 'request-1',
  statements: 3,
  problem: undefined,
  aborted: false,
};

test('an answer is one JSON line: request, route, status, milliseconds and the credential id', () => {
  const { lines, to } = captured();
  const telemetry = createTelemetry({ version: '0.0.0', logLevel: 'info', to });
  telemetry.hooks.onAnswer(answer);
  const { time, ...line } = JSON.parse(lines[0]!);
  expect(new Date(time).toISOString()).toBe(time);
  expect(line).toEqual({
    level: 'info',
    requestId: 'request-1',
    method: 'POST',
    route: '/xapi/statements',
    status: 200,
    ms: 12.34,
    credential: '0198c0de-0000-4000-8000-000000000001',
    statementCount: 3,
    msg: 'answered',
  });
});

test('answers of 500 and above are errors; health and metrics are seen at debug only', () => {
  const { lines, to } = captured();
  const telemetry = createTelemetry({ version: '0.0.0', logLevel: 'info', to });
  telemetry.hooks.onAnswer({ ...answer, route: '/health/ready' });
  telemetry.hooks.onAnswer({ ...answer, route: '/metrics' });
  telemetry.hooks.onAnswer({ ...answer, status: 503, problem: 'unavailable' });
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { level: 'error', status: 503, problem: 'unavailable' },
  ]);
});

test('what could be personal is removed, at the top and one level down', () => {
  const { lines, to } = captured();
  const { logger } = openLog('info', to);
  const secret = 'mailto:asha@example.gov.in';
  logger.info(
    {
      requestId: 'request-1',
      actor: { mbox: secret },
      body: secret,
      authorization: secret,
      url: `/xapi/statements?agent=${secret}`,
      request: { headers: { authorization: secret }, query: { agent: secret }, method: 'GET' },
      statements: [{ actor: secret }],
    },
    'said',
  );
  expect(lines[0]).not.toContain('asha');
  expect(JSON.parse(lines[0]!)).toMatchObject({
    requestId: 'request-1',
    url: '/xapi/statements',
    request: { method: 'GET' },
  });
  expect(Object.keys(JSON.parse(lines[0]!)).sort()).toEqual(['level', 'msg', 'request', 'requestId', 'time', 'url']);
});

test('a fault is logged with where it came from, without a message that quotes what it was given', () => {
  const { lines, to } = captured();
  const telemetry = createTelemetry({ version: '0.0.0', logLevel: 'info', to });
  let quoting: unknown;
  try {
    JSON.parse('{"mbox":"mailto:asha@example.gov.in"');
  } catch (error) {
    quoting = error;
  }
  telemetry.hooks.onFault(new Error('the index is gone', { cause: quoting }), 'request-1');
  const line = JSON.parse(lines[0]!);
  expect(line).toMatchObject({
    level: 'error',
    requestId: 'request-1',
    err: { type: 'Error', message: 'the index is gone', cause: { type: 'SyntaxError' } },
  });
  expect(line.err.at[0]).toContain('log.test.ts');
  expect(lines[0]).not.toContain('asha');
});

test('a fault that is no Error tells only what it was', () => {
  expect(faultInWords('mailto:asha@example.gov.in')).toEqual({ type: 'string' });
});
