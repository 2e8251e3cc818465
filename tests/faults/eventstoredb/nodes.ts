// Nodes of ours on killable EventStoreDBs. Whatever a file of tests started is gone after `endEverything`, however they ended.

import { spawnSync } from 'node:child_process';
import { newFolder, removeFolders, type Server, type ServerOptions, startServer } from '../../journeys/server.ts';
import { type KillableStore, startKillable } from './killable.ts';

const started: { kill(): Promise<void> }[] = [];

/** For `afterAll`. */
export async function endEverything(): Promise<void> {
  for (const one of started.splice(0).reverse()) await one.kill();
  removeFolders();
}

/** A small file system of its own; undefined where this user may not mount one. */
export function smallDisk(mebibytes: number): string | undefined {
  if (process.platform !== 'linux') return undefined;
  const folder = newFolder();
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m`, 'pramaan-test', folder]);
  if (status !== 0) return undefined;
  started.push({ kill: async () => void spawnSync('umount', [folder]) });
  return folder;
}

/** Also what was started elsewhere ends here. */
export function startedHere(one: { kill(): Promise<void> }): void {
  started.push(one);
}

export async function newStore(): Promise<KillableStore> {
  const store = await startKillable();
  started.push(store);
  return store;
}

/** Started as a user starts it; its data folder is a new one unless the options name one. */
export async function nodeOn({ url }: { readonly url: string }, options: ServerOptions = {}): Promise<Server> {
  const server = await startServer({ ...options, environment: logAt(url, options.environment) });
  started.push(server);
  return server;
}

/** The settings of a node or a command whose log is there. */
export function logAt(url: string, more: Readonly<Record<string, string>> = {}): Record<string, string> {
  return { PRAMAAN_EVENT_LOG_URL: url, PRAMAAN_STREAM_PREFIX: '', PRAMAAN_READ_WORKERS: '1', ...more };
}
