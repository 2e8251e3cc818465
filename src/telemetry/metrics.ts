// The Prometheus metrics of one node. Labels hold only what we chose ourselves: routes as patterns, never paths.

import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { NodeStatus } from '../../contracts/http/health.ts';
import type { Answer } from '../http/exchange.ts';

/** One append of the recorder to the log. */
export interface Append {
  readonly events: number;
  readonly requests: number;
  readonly seconds: number;
}

export interface Metrics {
  answered(answer: Answer): void;
  appended(append: Append): void;
  /** A request whose statements were refused, all of them; `statements` is 1 when the body could not be read. */
  rejected(reason: string, statements: number): void;
  /** What the gauges of the log and the index are read from, at each scrape. */
  watch(status: () => NodeStatus | Promise<NodeStatus>): void;
  readonly contentType: string;
  text(): Promise<string>;
}

const METHODS = new Set(['GET', 'HEAD', 'PUT', 'POST', 'DELETE', 'OPTIONS', 'PATCH']);

export function createMetrics(version: string): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });

  const build = new Gauge({
    name: 'pramaan_build_info',
    help: 'Version of Pramaan and of Node; always 1',
    labelNames: ['version', 'node'],
    registers,
  });
  build.set({ version, node: process.version }, 1);

  const requests = new Counter({
    name: 'pramaan_http_requests_total',
    help: 'Requests answered',
    labelNames: ['method', 'route', 'status'],
    registers,
  });
  const aborted = new Counter({
    name: 'pramaan_http_requests_aborted_total',
    help: 'Requests whose client went away before the answer',
    labelNames: ['method', 'route'],
    registers,
  });
  const latency = new Histogram({
    name: 'pramaan_http_request_duration_seconds',
    help: 'From the first header to the end of the answer',
    labelNames: ['method', 'route'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers,
  });
  const appends = new Counter({ name: 'pramaan_appends_total', help: 'Appends to the record', registers });
  const events = new Counter({ name: 'pramaan_appended_events_total', help: 'Events appended', registers });
  const grouped = new Counter({
    name: 'pramaan_appended_requests_total',
    help: 'Requests appended; divided by appends, how many share a commit',
    registers,
  });
  const appendLatency = new Histogram({
    name: 'pramaan_append_duration_seconds',
    help: 'One append, until it is on disk',
    buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5],
    registers,
  });
  const rejected = new Counter({
    name: 'pramaan_statements_rejected_total',
    help: 'Statements of refused requests, by the kind of problem',
    labelNames: ['reason'],
    registers,
  });
  const recordSequence = new Gauge({
    name: 'pramaan_record_sequence',
    help: 'Sequence of the last event of the record',
    registers,
  });
  const recording = new Gauge({
    name: 'pramaan_recording',
    help: '1 when writes are taken, 0 when they are refused',
    registers,
  });
  const lagSequences = new Gauge({
    name: 'pramaan_projection_lag_sequences',
    help: 'Events of the record that the projection has not saved yet',
    labelNames: ['projection'],
    registers,
  });
  const lagSeconds = new Gauge({
    name: 'pramaan_projection_lag_seconds',
    help: 'How long the oldest of them has waited',
    labelNames: ['projection'],
    registers,
  });

  let status: (() => NodeStatus | Promise<NodeStatus>) | undefined;

  return {
    contentType: registry.contentType,
    answered(answer) {
      const method = METHODS.has(answer.method) ? answer.method : 'other';
      const { route } = answer;
      if (answer.aborted) {
        aborted.inc({ method, route });
        return;
      }
      requests.inc({ method, route, status: answer.status });
      latency.observe({ method, route }, answer.seconds);
    },
    appended(append) {
      appends.inc();
      events.inc(append.events);
      grouped.inc(append.requests);
      appendLatency.observe(append.seconds);
    },
    rejected(reason, statements) {
      rejected.inc({ reason }, statements);
    },
    watch(source) {
      status = source;
    },
    async text() {
      try {
        if (status) show(await status());
      } catch {
        // The log is away: the gauges keep what they last showed, and this one says so.
        recording.set(0);
      }
      return registry.metrics();
    },
  };

  function show(now: NodeStatus): void {
    recordSequence.set(now.recording.sequence);
    recording.set(now.recording.state === 'recording' && now.log.reachable ? 1 : 0);
    for (const [projection, model] of [
      ['statement-index', now.statementIndex],
      ['people', now.peopleModel],
    ] as const) {
      lagSequences.set({ projection }, model.lagSequences);
      lagSeconds.set({ projection }, model.lagMs / 1000);
    }
  }
}
