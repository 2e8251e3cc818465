// The metrics that operators build their alarms on.

import { expect, test } from 'vitest';
import type { NodeStatus } from '../../../contracts/http/health.ts';
import { createTelemetry } from '../../../src/telemetry/index.ts';

const answer = {
  method: 'POST',
  route: '/xapi/statements',
  status: 200,
  seconds: 0.004,
  credential: undefined,
  requestId: 'request-1',
  statements: 1,
  problem: undefined,
  aborted: false,
};

function telemetry() {
  return createTelemetry({ version: '1.2.3', logLevel: 'silent' });
}

/** The sample with this name and these labels. */
async function value(of: ReturnType<typeof telemetry>, sample: string): Promise<number | undefined> {
  const line = (await of.metrics.text()).split('\n').find((one) => one.startsWith(`${sample} `));
  return line === undefined ? undefined : Number(line.slice(sample.length + 1));
}

test('requests are counted by method, route and status, and timed by method and route', async () => {
  const one = telemetry();
  one.hooks.onAnswer(answer);
  one.hooks.onAnswer({ ...answer, seconds: 0.2 });
  one.hooks.onAnswer({ ...answer, status: 409, problem: 'conflict', statements: 7 });
  one.hooks.onAnswer({ ...answer, aborted: true });
  expect(await value(one, 'pramaan_http_requests_total{method="POST",route="/xapi/statements",status="200"}')).toBe(2);
  expect(await value(one, 'pramaan_http_requests_total{method="POST",route="/xapi/statements",status="409"}')).toBe(1);
  expect(
    await value(one, 'pramaan_http_request_duration_seconds_bucket{le="0.005",method="POST",route="/xapi/statements"}'),
  ).toBe(2);
  expect(await value(one, 'pramaan_http_requests_aborted_total{method="POST",route="/xapi/statements"}')).toBe(1);
  one.close();
});

test('rejected statements are counted by reason: all of a refused batch, one for a body that was never read', async () => {
  const one = telemetry();
  one.hooks.onAnswer({ ...answer, status: 400, problem: 'invalid-statement', statements: 40 });
  one.hooks.onAnswer({ ...answer, status: 401, problem: 'unauthenticated', statements: undefined });
  one.hooks.onAnswer({ ...answer, method: 'GET', status: 400, problem: 'invalid-parameter', statements: undefined });
  expect(await value(one, 'pramaan_statements_rejected_total{reason="invalid-statement"}')).toBe(40);
  expect(await value(one, 'pramaan_statements_rejected_total{reason="unauthenticated"}')).toBe(1);
  expect(await value(one, 'pramaan_statements_rejected_total{reason="invalid-parameter"}')).toBeUndefined();
  one.close();
});

test('appends are counted with their events and the requests that shared them', async () => {
  const one = telemetry();
  one.metrics.appended({ events: 300, requests: 3, seconds: 0.003 });
  one.metrics.appended({ events: 1, requests: 1, seconds: 0.001 });
  expect(await value(one, 'pramaan_appends_total')).toBe(2);
  expect(await value(one, 'pramaan_appended_events_total')).toBe(301);
  expect(await value(one, 'pramaan_appended_requests_total')).toBe(4);
  expect(await value(one, 'pramaan_append_duration_seconds_count')).toBe(2);
  one.close();
});

test('the lag of the index is read at each scrape, and a log that is away shows as not recording', async () => {
  const one = telemetry();
  let status: NodeStatus = {
    log: { reachable: true },
    recording: { state: 'recording', sequence: 120 },
    statementIndex: { state: 'following', sequence: 100, lagSequences: 20, lagMs: 250 },
    peopleModel: { state: 'following', sequence: 90, lagSequences: 30, lagMs: 500 },
  };
  one.metrics.watch(() => status);
  expect(await value(one, 'pramaan_record_sequence')).toBe(120);
  expect(await value(one, 'pramaan_recording')).toBe(1);
  expect(await value(one, 'pramaan_projection_lag_sequences{projection="statement-index"}')).toBe(20);
  expect(await value(one, 'pramaan_projection_lag_seconds{projection="statement-index"}')).toBe(0.25);
  expect(await value(one, 'pramaan_projection_lag_sequences{projection="people"}')).toBe(30);
  expect(await value(one, 'pramaan_projection_lag_seconds{projection="people"}')).toBe(0.5);
  status = { ...status, log: { reachable: false } };
  expect(await value(one, 'pramaan_recording')).toBe(0);
  one.metrics.watch(() => Promise.reject(new Error('away')));
  expect(await value(one, 'pramaan_recording')).toBe(0);
  one.close();
});

test('the process itself, its event loop included, is measured too', async () => {
  const one = telemetry();
  expect(await value(one, 'process_resident_memory_bytes')).toBeGreaterThan(0);
  expect(await value(one, 'nodejs_eventloop_lag_p99_seconds')).toBeGreaterThanOrEqual(0);
  expect(await value(one, `pramaan_build_info{version="1.2.3",node="${process.version}"}`)).toBe(1);
  one.close();
});
