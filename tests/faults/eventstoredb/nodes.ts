// A node of ours on a killable EventStoreDB, both gone when their test is over.

import { onTestFinished } from 'vitest';
import { type Server, type ServerOptions, startServer } from '../../journeys/server.ts';
import { type KillableStore, startKillable } from './killable.ts';

export async function newStore(): Promise<KillableStore> {
  const store = await startKillable();
  onTestFinished(() => store.end());
  return store;
}

/** Started as a user starts it; its data folder is a new one unless the options name one. */
export async function nodeOn({ url }: { readonly url: string }, options: ServerOptions = {}): Promise<Server> {
  const server = await startServer({ ...options, environment: logAt(url, options.environment) });
  onTestFinished(() => server.kill());
  return server;
}

/** The settings of a node or a command whose log is there. */
export function logAt(url: string, more: Readonly<Record<string, string>> = {}): Record<string, string> {
  return { PRAMAAN_EVENT_LOG_URL: url, PRAMAAN_STREAM_PREFIX: '', PRAMAAN_READ_WORKERS: '1', ...more };
}
