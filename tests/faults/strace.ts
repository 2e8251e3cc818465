// The real server under strace (a package of Debian's): what it wrote, flushed and answered, in the order in which it happened,
// and system calls that fail or kill it.

import { spawnSync } from 'node:child_process';
import { closeSync, createReadStream, openSync, readSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { createInterface } from 'node:readline';
import { type Server, type ServerOptions, startServer } from '../journeys/server.ts';
import { until } from './until.ts';

/** Whether a process may be traced here: some containers forbid it even where strace is installed. */
const works = process.platform === 'linux' && spawnSync('strace', ['-qq', '-o', '/dev/null', 'true']).status === 0;
/** Without strace the tests are skipped, and the run says so; PRAMAAN_REQUIRE_STRACE=1 makes that a failure. */
export const NO_STRACE = !works && process.env.PRAMAAN_REQUIRE_STRACE !== '1';

export interface TracedServer extends Server {
  readonly trace: string;
  /** Resolves when the server has ended and the whole trace is written. */
  traced(): Promise<void>;
}

/**
 * Starts a server under strace; the process is the server's own, strace stands beside it.
 * @param calls what to trace, as strace's `-e trace=`
 * @param more further options of strace
 */
export async function startTraced(
  trace: string,
  calls: readonly string[],
  more: readonly string[] = [],
  options: ServerOptions = {},
): Promise<TracedServer> {
  const under = [
    ...['strace', '-D', '-f'],
    // With --seccomp-bpf (only the calls wanted cost time) strace 6.1 injects errors, but no signals.
    ...(more.some((option) => option.includes(':signal=')) ? [] : ['--seccomp-bpf']),
    ...['-y', '-e', 'signal=none', '-o', trace],
    ...['-e', `trace=${calls.join(',')}`, ...more],
  ];
  const server = await startServer({ ...options, under });
  return {
    ...server,
    trace,
    async traced() {
      const last = new RegExp(`^${server.process.pid} +\\+\\+\\+ (exited|killed)`, 'm');
      await until(() => last.test(endOf(trace)), 'the end of the trace');
    },
  };
}

function endOf(file: string): string {
  const { size } = statSync(file);
  const end = Buffer.alloc(Math.min(size, 10_000));
  const opened = openSync(file, 'r');
  readSync(opened, end, 0, end.length, size - end.length);
  closeSync(opened);
  return end.toString('latin1');
}

/** One system call, or the part of one that another thread's call came in between. */
export interface Call {
  readonly name: string;
  /** `began` and `ended` where others came in between, else both at once. */
  readonly phase: 'began' | 'ended' | 'whole';
  readonly thread: string;
  /** Name of the file without its folder; `socket` for any socket. */
  readonly file: string;
  /** What was written, or (when it ended) read. */
  readonly bytes: Buffer;
  /** The last numbers among its arguments: for pwrite64 size and offset, for ftruncate the length. */
  readonly numbers: readonly number[];
  readonly result: number | undefined;
}

const LINE = /^(?<thread>\d+) +(?:(?<begun>\w+)\(|<\.\.\. (?<resumed>\w+) resumed>)/;

/** Every call of a trace, in order; only those on files and sockets that `wanted` names. */
export async function* callsOf(trace: string, wanted: (file: string) => boolean): AsyncGenerator<Call> {
  const halfDone = new Map<string, string>();
  for await (const line of createInterface({ input: createReadStream(trace, 'latin1') })) {
    const match = LINE.exec(line.slice(0, 100));
    if (!match) continue;
    const { thread, begun, resumed } = match.groups as { thread: string; begun?: string; resumed?: string };
    const rest = line.slice(match[0].length);
    const unfinished = rest.endsWith('<unfinished ...>');
    let file: string;
    if (begun === undefined) {
      file = halfDone.get(thread!) ?? '';
      halfDone.delete(thread!);
    } else {
      file = fileNamed(/^\d+<((?:[^<>"]|<[^<>]*>)*)>/.exec(rest.slice(0, 10_000))?.[1] ?? '');
      if (unfinished) halfDone.set(thread!, file);
    }
    if (!wanted(file)) continue;
    const end = rest.slice(-200);
    const result = /\) += (-?\d+)/.exec(end)?.[1];
    yield {
      name: begun ?? resumed!,
      phase: begun === undefined ? 'ended' : unfinished ? 'began' : 'whole',
      thread: thread!,
      file,
      bytes: bytesIn(rest),
      numbers: [...end.matchAll(/, (\d+)(?=[,) ])/g)].map(([, number]) => Number(number)),
      result: result === undefined ? undefined : Number(result),
    };
  }
}

function fileNamed(shown: string): string {
  const path = shown.includes('\\x') ? unescaped(shown).toString('utf8') : shown;
  return /^(socket|TCP)/.test(path) ? 'socket' : basename(path);
}

/** All strings of a line, one after the other (writev has several). */
function bytesIn(body: string): Buffer {
  const parts: Buffer[] = [];
  for (let from = body.indexOf('"'); from >= 0; ) {
    const to = body.indexOf('"', from + 1);
    if (to < 0) break;
    parts.push(unescaped(body.slice(from + 1, to)));
    from = body.indexOf('"', to + 1);
  }
  return parts.length === 1 ? parts[0]! : Buffer.concat(parts);
}

/** Of `-xx`: every byte as \xNN. */
function unescaped(text: string): Buffer {
  return Buffer.from(text.replaceAll('\\x', ''), 'hex');
}
