// /health/live, /health/ready and /metrics: for load balancers and monitoring, apart from the traffic. None of them needs a
// credential or shows anything personal; /metrics can be closed (PRAMAAN_METRICS=admin).

import { type RequestHandler, Router } from 'express';
import type { NodeStatus, Ready } from '../../../contracts/http/health.ts';
import { methodNotAllowed } from '../problem.ts';

/** Mount at `/health`. `status` is asked once a request and must be quick; when it throws, the node is not ready. */
export function healthRouter(node: { status(): NodeStatus | Promise<NodeStatus> }): Router {
  const router = Router();
  router
    .route('/live')
    .get((_request, response) => {
      response.setHeader('Cache-Control', 'no-store');
      response.json({ status: 'live' });
    })
    .all(methodNotAllowed('GET, HEAD'));
  router
    .route('/ready')
    .get(async (_request, response) => {
      const answer = readiness(await statusOf(node));
      response.setHeader('Cache-Control', 'no-store');
      response.status(answer.status === 'ready' ? 200 : 503).json(answer);
    })
    .all(methodNotAllowed('GET, HEAD'));
  return router;
}

/** Mount at `/metrics`. `guards` run first: `requireScope('admin')` where the operator wants it closed. */
export function metricsRouter(
  metrics: { readonly contentType: string; text(): Promise<string> },
  ...guards: readonly RequestHandler[]
): Router {
  const router = Router();
  router
    .route('/')
    .get(...guards, async (_request, response) => {
      const text = Buffer.from(await metrics.text());
      response.setHeader('Content-Type', metrics.contentType);
      response.setHeader('Cache-Control', 'no-store');
      response.end(text);
    })
    .all(methodNotAllowed('GET, HEAD'));
  return router;
}

/** What a status means: ready when statements can be recorded and read. A lag alone does not make a node unready. */
export function readiness(status: NodeStatus): Ready {
  const reasons: string[] = [];
  const say = (what: string, detail?: string): number => reasons.push(detail ? `${what}: ${detail}` : what);
  if (!status.log.reachable) say('the event log cannot be reached', status.log.detail);
  if (status.localCopy?.caughtUp === false) {
    say('the record is still being copied to this node', `up to sequence ${status.localCopy.sequence}`);
  }
  if (status.recording.state === 'refusing') say('statements are not recorded', status.recording.detail);
  if (status.recording.state === 'stopped') say('the node is stopping', status.recording.detail);
  if (status.statementIndex.state === 'rebuilding') {
    say('the statement index is being rebuilt', status.statementIndex.detail);
  }
  if (status.statementIndex.state === 'stopped') say('the statement index has stopped', status.statementIndex.detail);
  // While the people model is built, reports say so themselves; statements are taken and answered.
  if (status.peopleModel.state === 'stopped') say('the people model has stopped', status.peopleModel.detail);
  return { status: reasons.length === 0 ? 'ready' : 'not-ready', reasons, ...status };
}

async function statusOf(node: { status(): NodeStatus | Promise<NodeStatus> }): Promise<NodeStatus> {
  try {
    return await node.status();
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    const stopped = { state: 'stopped', sequence: -1, lagSequences: 0, lagMs: 0 } as const;
    return {
      log: { reachable: false, detail },
      recording: { state: 'refusing', sequence: -1 },
      statementIndex: stopped,
      peopleModel: stopped,
    };
  }
}
