// A double of EventStoreDB for tests, in a process of its own: it speaks the protocol on the stubs of the client's package,
// does what a real server was seen to do, and fails when told to. It is not EventStoreDB.

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FaultName, FaultOptions } from './faults.ts';
import type { Told, Wish } from './main.ts';
import type { DoubleOptions } from './server.ts';

export { FAULTS, type FaultName, type FaultOptions } from './faults.ts';
export type { DoubleOptions } from './server.ts';

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));

export interface Double {
  /** `esdb://127.0.0.1:PORT?tls=false`, with TLS `esdb://localhost:PORT?tls=true`. */
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  readonly dataDir: string;
  /** Bytes that the latest start cut off, because a crash had left them half written. */
  readonly cutOff: number;
  /** SIGKILL, and waits. */
  kill(): Promise<void>;
  /** Ends it, and removes the data if they were its own. */
  stop(): Promise<void>;
  /** Kills it when it runs, and starts it again on the same port and data; faults that are not cleared go on. */
  restart(): Promise<void>;
  /** SIGSTOP: connections stay, nothing is answered. */
  freeze(): void;
  /** SIGCONT: what came in meanwhile is served. */
  thaw(): void;
  /** Switches a fault on until cleared, or for the next `times` calls that it can happen to. */
  fault(name: FaultName, options?: FaultOptions): Promise<void>;
  /** Switches all faults off. */
  clear(): Promise<void>;
  /** Cuts all connections, once. */
  disconnect(): Promise<void>;
  /** Restarts it with the last events of the stream gone, as a server whose disk lost them; says which head is left. */
  loseTail(stream: string, events: number): Promise<number>;
}

/** Starts a double; without `dataDir` on a new folder of its own. */
export async function startDouble(options: Partial<DoubleOptions> = {}): Promise<Double> {
  const own = options.dataDir === undefined ? mkdtempSync(join(tmpdir(), 'pramaan-double-')) : undefined;
  if (own !== undefined) folders.add(own);
  const running = new DoubleProcess({ ...options, dataDir: options.dataDir ?? own! }, own);
  await running.start();
  return running;
}

const children = new Set<ChildProcess>();
const folders = new Set<string>();
// Also when a test forgot to stop one, or failed before it could.
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL');
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

class DoubleProcess implements Double {
  readonly dataDir: string;
  readonly #own: string | undefined;
  readonly #options: Omit<DoubleOptions, 'port' | 'dataDir'>;
  readonly #faults = new Map<FaultName, FaultOptions>();
  readonly #answers = new Map<number, (told: Told) => void>();
  #child: ChildProcess | undefined;
  #orders = 0;
  port: number;
  cutOff = 0;

  constructor({ port, dataDir, ...options }: DoubleOptions, own: string | undefined) {
    this.port = port ?? 0;
    this.dataDir = dataDir;
    this.#options = options;
    this.#own = own;
  }

  get url(): string {
    // A client of a new Node refuses an address of numbers as the name in a certificate.
    return this.#options.tls === undefined
      ? `esdb://127.0.0.1:${this.port}?tls=false`
      : `esdb://localhost:${this.port}?tls=true`;
  }

  get pid(): number {
    return this.#child!.pid!;
  }

  async start(): Promise<void> {
    const child = fork(MAIN, ['--port', String(this.port), '--data', this.dataDir], {
      env: { ...process.env, PRAMAAN_TEST_DOUBLE: JSON.stringify(this.#options) },
      execArgv: [],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    let errors = '';
    child.stderr!.on('data', (chunk) => {
      errors += String(chunk);
    });
    children.add(child);
    child.on('exit', () => children.delete(child));
    await new Promise<void>((resolve, reject) => {
      child.once('exit', (code) => reject(new Error(`the double ended with ${code} at its start: ${errors}`)));
      child.on('message', (told: Told) => {
        if ('ready' in told) {
          this.port = told.ready;
          this.cutOff = told.cutOff;
          resolve();
        } else {
          this.#answers.get(told.id)?.(told);
          this.#answers.delete(told.id);
        }
      });
    });
    this.#child = child;
    for (const [name, options] of this.#faults) await this.#order({ do: 'fault', name, options });
  }

  async kill(): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  }

  async stop(): Promise<void> {
    await this.kill();
    if (this.#own !== undefined) rmSync(this.#own, { recursive: true, force: true });
  }

  async restart(): Promise<void> {
    await this.kill();
    await this.start();
  }

  freeze(): void {
    this.#child!.kill('SIGSTOP');
  }

  thaw(): void {
    this.#child!.kill('SIGCONT');
  }

  async fault(name: FaultName, options: FaultOptions = {}): Promise<void> {
    if (options.times === undefined) this.#faults.set(name, options);
    await this.#order({ do: 'fault', name, options });
  }

  async clear(): Promise<void> {
    this.#faults.clear();
    await this.#order({ do: 'clear' });
  }

  async disconnect(): Promise<void> {
    await this.#order({ do: 'disconnect' });
  }

  async loseTail(stream: string, events: number): Promise<number> {
    const { head } = await this.#order({ do: 'lose-tail', stream, events });
    await this.restart();
    return head!;
  }

  async #order(wish: Wish): Promise<{ readonly head?: number }> {
    const id = this.#orders++;
    const told = await new Promise<Told>((resolve, reject) => {
      this.#answers.set(id, resolve);
      this.#child!.send({ ...wish, id }, (error) => error && reject(error));
    });
    if ('error' in told) throw new Error(told.error);
    return 'head' in told ? { head: told.head! } : {};
  }
}
