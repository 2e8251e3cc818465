// An EventStoreDB that can be killed, frozen, given other data and started again: the double, or the server that a command of
// the environment runs in the foreground.
//
//   TEST_EVENTSTOREDB_COMMAND          one server: a shell command with {port} and {data} in it
//   TEST_EVENTSTOREDB_CLUSTER_COMMAND  one node of three: {base} (its port is {base} + {node} - 1), {node} (1 to 3) and {data}

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { join } from 'node:path';
import { openEventStoreDbLog } from '../../../src/event-log/eventstoredb/index.ts';
import { type Double, startDouble } from '../../eventstoredb-double/index.ts';
import { newFolder } from '../../journeys/server.ts';
import { until } from '../until.ts';

const COMMAND = process.env.TEST_EVENTSTOREDB_COMMAND;
export const CLUSTER_COMMAND = process.env.TEST_EVENTSTOREDB_CLUSTER_COMMAND;
/** Whether the tests run on the double; some faults only it can have. */
export const ON_THE_DOUBLE = !COMMAND;
const START_MS = 120_000;

export interface KillableServer {
  readonly url: string;
  readonly port: number;
  /** SIGKILL, and waits. */
  kill(): Promise<void>;
  /** Starts it on its port and data, and resolves when it takes connections. */
  start(): Promise<void>;
  /** SIGSTOP: connections stay, nothing is answered. */
  freeze(): void;
  thaw(): void;
}

export interface KillableStore extends KillableServer {
  /** Kills it and starts it on a copy of this folder, or on nothing. */
  startOn(data: string | undefined): Promise<void>;
  /** Kills it, copies what it has stored, and starts it again. */
  copyOfData(): Promise<string>;
}

/** A server on new data; whoever starts it kills it in the end. */
export async function startKillable(): Promise<KillableStore> {
  const data = join(newFolder(), 'data');
  const server: KillableServer = COMMAND
    ? new CommandServer(await freePort(), (port) => inserted(COMMAND, { port, data }))
    : new KillableDouble(await startDouble({ dataDir: data }));
  if (COMMAND) await server.start();
  await answers(server.url);
  return Object.assign(server, {
    async startOn(from: string | undefined) {
      await server.kill();
      rmSync(data, { recursive: true, force: true });
      if (from !== undefined) copyFolder(from, data);
      await server.start();
      await answers(server.url);
    },
    async copyOfData() {
      const to = join(newFolder(), 'copy');
      await server.kill();
      copyFolder(data, to);
      await server.start();
      await answers(server.url);
      return to;
    },
  });
}

/** A real one takes connections a moment before it answers on them. */
async function answers(url: string): Promise<void> {
  const log = openEventStoreDbLog({ url, maxAppendBytes: 1_048_576 });
  const head = () =>
    log.head('record').then(
      () => true,
      () => false,
    );
  await until(head, `answers of the server at ${url}`).finally(() => log.close());
}

export interface KillableCluster {
  readonly url: string;
  /** The node that leads now, as all that run agree. */
  leader(): Promise<KillableServer>;
  /** Resolves when one leads and two follow. */
  whole(): Promise<void>;
  kill(): Promise<void>;
}

/** Three nodes on new data. Their state is asked as operators ask it: `GET /gossip`. */
export async function startCluster(command: string): Promise<KillableCluster> {
  const base = await freePorts(3);
  const folder = newFolder();
  const nodes = [1, 2, 3].map(
    (node) =>
      new CommandServer(base + node - 1, () => inserted(command, { base, node, data: join(folder, `node-${node}`) })),
  );
  const leaders = async (): Promise<readonly CommandServer[] | undefined> => {
    const running = nodes.filter((node) => node.isRunning);
    const said = await Promise.all(running.map((node) => statesAt(node.port)));
    const states = said.find((each) => each !== undefined);
    // The others believe for a moment that one who was killed still leads.
    return states && running.filter((node) => states.get(node.port) === 'Leader');
  };
  await Promise.all(nodes.map((node) => node.start()));
  const cluster: KillableCluster = {
    url: `esdb://${nodes.map(({ port }) => `127.0.0.1:${port}`).join(',')}?tls=false&nodePreference=leader`,
    async leader() {
      const alone = async () => {
        const found = await leaders();
        return found?.length === 1 ? found : undefined;
      };
      return (await until(alone, 'a leader'))![0]!;
    },
    async whole() {
      const agree = async (): Promise<boolean> => {
        const views = await Promise.all(nodes.map(({ port }) => statesAt(port)));
        const [first, ...others] = views.map((states) => states && JSON.stringify([...states].sort()));
        const states = [...(views[0]?.values() ?? [])].sort().join();
        return states === 'Follower,Follower,Leader' && others.every((other) => other === first);
      };
      await until(agree, 'a leader and two followers, as all three say');
    },
    async kill() {
      await Promise.all(nodes.map((node) => node.kill()));
    },
  };
  await cluster.whole();
  return cluster;
}

/** What the node at this port says of each, by port; undefined when it says nothing. */
async function statesAt(port: number): Promise<ReadonlyMap<number, string> | undefined> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/gossip`, { signal: AbortSignal.timeout(1_000) });
    const { members } = (await response.json()) as {
      members: { state: string; isAlive: boolean; httpEndPointPort: number }[];
    };
    return new Map(members.filter(({ isAlive }) => isAlive).map((each) => [each.httpEndPointPort, each.state]));
  } catch {
    return undefined;
  }
}

class KillableDouble implements KillableServer {
  readonly #double: Double;
  constructor(double: Double) {
    this.#double = double;
  }
  get url(): string {
    return this.#double.url;
  }
  get port(): number {
    return this.#double.port;
  }
  kill(): Promise<void> {
    return this.#double.kill();
  }
  start(): Promise<void> {
    return this.#double.restart();
  }
  freeze(): void {
    this.#double.freeze();
  }
  thaw(): void {
    this.#double.thaw();
  }
}

/** Process groups that run: none outlives the tests. */
const groups = new Set<number>();
process.on('exit', () => {
  for (const group of groups) signalGroup(group, 'SIGKILL');
});

export class CommandServer implements KillableServer {
  readonly port: number;
  readonly #command: (port: number) => string;
  #child: ChildProcess | undefined;
  #killed = true;

  constructor(port: number, command: (port: number) => string) {
    this.port = port;
    this.#command = command;
  }

  get url(): string {
    return `esdb://127.0.0.1:${this.port}?tls=false`;
  }

  get isRunning(): boolean {
    return !this.#killed;
  }

  async start(): Promise<void> {
    this.#killed = false;
    this.#run();
    await until(() => takesConnections(this.port), `the server at port ${this.port}`, START_MS);
  }

  #run(): void {
    // A group of its own: the shell and what it runs are killed together.
    const child = spawn(this.#command(this.port), { shell: true, detached: true, stdio: 'ignore' });
    this.#child = child;
    const group = child.pid!;
    groups.add(group);
    child.once('exit', (code) => {
      groups.delete(group);
      // A node of a cluster ends itself when its log has to be cut, and counts on being started again.
      if (!this.#killed && code === 0) this.#run();
    });
  }

  async kill(): Promise<void> {
    if (this.#killed) return;
    this.#killed = true;
    const child = this.#child!;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    signalGroup(child.pid!, 'SIGKILL');
    await exited;
    await until(async () => !(await takesConnections(this.port)), `the end of the server at port ${this.port}`);
  }

  freeze(): void {
    signalGroup(this.#child!.pid!, 'SIGSTOP');
  }

  thaw(): void {
    signalGroup(this.#child!.pid!, 'SIGCONT');
  }
}

function signalGroup(group: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-group, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** The command with these values in its {places}. */
export function inserted(command: string, values: Readonly<Record<string, string | number>>): string {
  return command.replaceAll(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}

/** The files of a real server are large and sparse: `cp` leaves the holes out. */
function copyFolder(from: string, to: string): void {
  const { status, stderr } = spawnSync('cp', ['-a', from, to]);
  if (status !== 0) throw new Error(`${from} was not copied: ${stderr}`);
}

export function takesConnections(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const settle = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => settle(true)).once('error', () => settle(false));
  });
}

/** One that nothing listens on now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** The first of several in a row. */
async function freePorts(count: number): Promise<number> {
  for (;;) {
    const base = await freePort();
    const taken = await Promise.all(Array.from({ length: count }, (_, place) => takesConnections(base + place)));
    if (!taken.includes(true)) return base;
  }
}
