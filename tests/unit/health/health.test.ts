// What load balancers and monitoring rely on: live while the process turns, ready only when statements can be taken and read.

import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { afterEach, expect, test } from 'vitest';
import { live, type NodeStatus, ready } from '../../../contracts/http/health.ts';
import { beginExchange } from '../../../src/http/exchange.ts';
import { healthRouter, metricsRouter } from '../../../src/http/health/index.ts';
import { answerProblem, HttpProblem } from '../../../src/http/problem.ts';

const WELL: NodeStatus = {
  log: { reachable: true },
  recording: { state: 'recording', sequence: 41 },
  statementIndex: { state: 'following', sequence: 41, lagSequences: 0, lagMs: 0 },
  peopleModel: { state: 'following', sequence: 41, lagSequences: 0, lagMs: 0 },
};

const stops: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

async function serve(status: () => NodeStatus | Promise<NodeStatus>, closed = false): Promise<string> {
  const app = express();
  app.locals.access = { rejected: () => {} };
  app.locals.hooks = {};
  app.use(beginExchange({}));
  app.use('/health', healthRouter({ status }));
  const metrics = { contentType: 'text/plain; version=0.0.4; charset=utf-8', text: async () => 'up 1\n' };
  const guard: express.RequestHandler = () => {
    throw new HttpProblem('unauthenticated');
  };
  app.use('/metrics', metricsRouter(metrics, ...(closed ? [guard] : [])));
  app.use(answerProblem);
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  stops.push(() => new Promise((done) => server.close(done)));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('live answers 200 whatever the state of the log', async () => {
  const url = await serve(() => Promise.reject(new Error('the log is away')));
  const response = await fetch(`${url}/health/live`);
  expect(response.status).toBe(200);
  expect(live.parse(await response.json())).toEqual({ status: 'live' });
  expect(response.headers.get('cache-control')).toBe('no-store');
});

test('ready answers 200 with the sequences, and a lag alone does not change that', async () => {
  const status = { ...WELL, statementIndex: { ...WELL.statementIndex, lagSequences: 5000, lagMs: 700, sequence: 36 } };
  const url = await serve(() => status);
  const response = await fetch(`${url}/health/ready`);
  expect(response.status).toBe(200);
  expect(ready.parse(await response.json())).toEqual({ status: 'ready', reasons: [], ...status });
});

test('ready answers 200 while the people model is built: statements are taken and answered without it', async () => {
  const status: NodeStatus = { ...WELL, peopleModel: { ...WELL.peopleModel, state: 'rebuilding' } };
  const response = await fetch(`${await serve(() => status)}/health/ready`);
  expect(response.status).toBe(200);
  expect(ready.parse(await response.json()).peopleModel.state).toBe('rebuilding');
});

test.each<[string, NodeStatus, string]>([
  [
    'the log is away',
    { ...WELL, log: { reachable: false, detail: 'disk full' } },
    'the event log cannot be reached: disk full',
  ],
  [
    'writes are refused',
    { ...WELL, recording: { state: 'refusing', sequence: 41, detail: 'the clock is 7 s off' } },
    'statements are not recorded: the clock is 7 s off',
  ],
  ['the node is stopping', { ...WELL, recording: { state: 'stopped', sequence: 41 } }, 'the node is stopping'],
  [
    'the index is being rebuilt',
    { ...WELL, statementIndex: { ...WELL.statementIndex, state: 'rebuilding' } },
    'the statement index is being rebuilt',
  ],
  [
    'the index has stopped',
    { ...WELL, statementIndex: { ...WELL.statementIndex, state: 'stopped', detail: 'disk full' } },
    'the statement index has stopped: disk full',
  ],
  [
    'the people model has stopped',
    { ...WELL, peopleModel: { ...WELL.peopleModel, state: 'stopped', detail: 'disk full' } },
    'the people model has stopped: disk full',
  ],
])('ready answers 503 and says why when %s', async (_when, status, reason) => {
  const url = await serve(async () => status);
  const response = await fetch(`${url}/health/ready`);
  expect(response.status).toBe(503);
  expect(ready.parse(await response.json())).toMatchObject({ status: 'not-ready', reasons: [reason] });
});

test('ready answers 503, not 500, when the state cannot even be asked', async () => {
  const url = await serve(() => Promise.reject(new Error('the recorder thread is gone')));
  const response = await fetch(`${url}/health/ready`);
  expect(response.status).toBe(503);
  expect(ready.parse(await response.json()).log.detail).toBe('the recorder thread is gone');
});

test('HEAD answers like GET, anything else 405', async () => {
  const url = await serve(() => WELL);
  expect((await fetch(`${url}/health/ready`, { method: 'HEAD' })).status).toBe(200);
  const post = await fetch(`${url}/health/ready`, { method: 'POST' });
  expect(post.status).toBe(405);
  expect(post.headers.get('allow')).toBe('GET, HEAD');
});

test('metrics are open by default and closed when guarded', async () => {
  const open = await fetch(`${await serve(() => WELL)}/metrics`);
  expect(open.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  expect(await open.text()).toBe('up 1\n');
  expect((await fetch(`${await serve(() => WELL, true)}/metrics`)).status).toBe(401);
});
