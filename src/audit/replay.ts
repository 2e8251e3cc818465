// The record as it was known at R, written into a folder: its events, the read models built from them alone, and a manifest
// that says what they are. Works beside a running store: it reads the log, and writes nowhere else but into the access trail.

import { createHash, randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { RECORD_OPENED, recordOpened } from '../../contracts/events/index.ts';
import { recordedAtOf } from '../../contracts/events/recorded-at.ts';
import { fromInstant, toInstant } from '../../contracts/time.ts';
import { type Microseconds, NOTHING, type Revision, type Sequence } from '../../contracts/words.ts';
import { STATEMENT_INDEX_VERSION } from '../../projections/statement-index/index.ts';
import type { EventLog, RecordedEvent } from '../event-log/port.ts';
import type { Streams } from '../event-log/streams.ts';
import { buildIndexUpTo, buildPeopleUpTo } from '../projector/build.ts';
import { PEOPLE_VERSION } from '../read-models/people/index.ts';
import { eventLine } from '../read-models/statement-index/event-line.ts';
import { AccessTrail } from './access-trail.ts';
import { type AsKnown, type KnownAt, KnownAtRefused, parseKnownAt, resolveKnownAt } from './known-at.ts';

export interface ReplayOptions {
  /** Where the record is read on this machine. */
  readonly record: EventLog;
  /** Its file: the read models are built from it. */
  readonly recordFile: string;
  /** Where the access trail is appended. */
  readonly trailLog: EventLog;
  readonly streams: Pick<Streams, 'record' | 'access'>;
  /** R as it was asked for: a sequence, an instant or a date. */
  readonly knownAt: string;
  /** A folder that does not exist, or is empty. */
  readonly out: string;
  /** Who asks: the account of the operating system. */
  readonly name: string;
  readonly onProgress?: (done: number, total: number) => void;
}

export interface Manifest {
  readonly format: 'pramaan-replay.v1';
  readonly recordId: string;
  readonly simulatedClock: boolean;
  readonly knownAt: { readonly asked: string; readonly kind: KnownAt['kind']; readonly instant?: string };
  /** Last sequence that was known at R, and its event. */
  readonly sequence: number;
  readonly lastEvent: { readonly id: string; readonly recordedAt: string };
  /** False when R lies beyond the head of the record: what is recorded later may still fall before R. */
  readonly final: boolean;
  /** Head of the record when this was made. */
  readonly head: number;
  readonly madeAt: string;
  readonly counts: { readonly events: number; readonly byType: Readonly<Record<string, number>> };
  readonly files: {
    readonly events: { readonly name: string; readonly bytes: number; readonly sha256: string };
    /** `digest` is over every table in key order: a model built from the same events has the same. */
    readonly statementIndex: { readonly name: string; readonly version: number; readonly digest: string };
    /** Learners and departments, built with the help of that index. */
    readonly peopleModel: { readonly name: string; readonly version: string; readonly digest: string };
  };
}

/** The replay cannot be made; in words for a person. */
export class ReplayRefused extends Error {
  override readonly name = 'ReplayRefused';
}

const EVENTS = 'events.ndjson';
const MANIFEST = 'manifest.json';
const PAGE = 1000;

/** @throws ReplayRefused, LogUnavailable */
export async function replay({
  record,
  recordFile,
  trailLog,
  streams,
  knownAt,
  out,
  name,
  onProgress,
}: ReplayOptions): Promise<Manifest> {
  refuseFullFolder(out);
  const asked = knownAtIn(knownAt);
  const known = await resolveKnownAt(record, streams.record, asked);
  const opening = await openingOf(record, streams.record);
  refuseFuture(asked, known, knownAt);
  if (known.sequence === NOTHING) {
    throw new ReplayRefused(`Nothing was known at ${knownAt}: this record begins at ${recordedAtOf(opening)}.`);
  }

  const requestId = randomUUID();
  const trail = new AccessTrail(trailLog, streams);
  const parameters = { knownAt, sequence: known.sequence };
  const use = await trail.record({ credential: 'command-line', name, what: 'replay', parameters, requestId });
  let last: Sequence = NOTHING;
  let whole = false;
  try {
    mkdirSync(out, { recursive: true });
    const written = await write(record, streams.record, known.sequence, out, (sequence) => {
      last = sequence;
      onProgress?.(sequence + 1, known.sequence + 1);
    });
    const asOf = { logFile: recordFile, streams, until: known.sequence, dir: out };
    const index = await buildIndexUpTo(asOf);
    const people = await buildPeopleUpTo({ ...asOf, indexFile: index.file });
    for (const { file, checkpoint } of [index, people]) {
      // Left behind, empty, by whoever read the file last; it needs neither.
      for (const suffix of ['-wal', '-shm']) rmSync(file + suffix, { force: true });
      if (checkpoint.eventId !== written.last.id) throw new Error(`${basename(file)} and the events end differently`);
    }
    const { recordId, simulatedClock } = recordOpened.parse(JSON.parse(Buffer.from(opening.data).toString('utf8')));
    const manifest: Manifest = {
      format: 'pramaan-replay.v1',
      recordId,
      simulatedClock,
      knownAt: {
        asked: knownAt,
        kind: asked.kind,
        ...(asked.kind === 'sequence' ? {} : { instant: toInstant(asked.at) }),
      },
      sequence: known.sequence,
      lastEvent: { id: written.last.id, recordedAt: recordedAtOf(written.last) },
      final: known.final,
      head: known.head,
      madeAt: toInstant(wallClock()),
      counts: { events: known.sequence + 1, byType: written.byType },
      files: {
        events: { name: EVENTS, bytes: written.bytes, sha256: written.sha256 },
        statementIndex: {
          name: basename(index.file),
          version: STATEMENT_INDEX_VERSION,
          digest: index.digest,
        },
        peopleModel: { name: basename(people.file), version: PEOPLE_VERSION, digest: people.digest },
      },
    };
    // Last, and whole: a folder without a manifest is an unfinished replay.
    writeFileSync(join(out, `${MANIFEST}.next`), `${JSON.stringify(manifest, null, 2)}\n`);
    renameSync(join(out, `${MANIFEST}.next`), join(out, MANIFEST));
    whole = true;
    return manifest;
  } finally {
    await use.ended({ outcome: whole ? 'whole' : 'cut-off', events: last + 1, ...(last >= 0 ? { last } : {}) });
  }
}

interface Written {
  readonly bytes: number;
  readonly sha256: string;
  readonly byType: Readonly<Record<string, number>>;
  readonly last: RecordedEvent;
}

/** Every event up to `until`, as a line of the file. */
async function write(
  log: EventLog,
  stream: string,
  until: Sequence,
  out: string,
  onWritten: (sequence: Sequence) => void,
): Promise<Written> {
  const digest = createHash('sha256');
  const byType: Record<string, number> = {};
  let bytes = 0;
  let last: RecordedEvent | undefined;
  const file = await open(join(out, EVENTS), 'wx');
  try {
    for (let from = 0; from <= until; from += PAGE) {
      const events = await log.read(stream, { from: from as Revision, limit: Math.min(PAGE, until - from + 1) });
      if (events.length === 0) throw new Error(`the record has no event at ${from}`);
      const lines = Buffer.concat(events.map(eventLine));
      await file.appendFile(lines);
      digest.update(lines);
      bytes += lines.byteLength;
      for (const { type } of events) byType[type] = (byType[type] ?? 0) + 1;
      last = events.at(-1)!;
      onWritten(last.revision as number as Sequence);
    }
    await file.sync();
  } finally {
    await file.close();
  }
  return { bytes, sha256: digest.digest('hex'), byType, last: last! };
}

function knownAtIn(text: string): KnownAt {
  try {
    return parseKnownAt(text);
  } catch (error) {
    if (error instanceof KnownAtRefused) throw new ReplayRefused(`--known-at: ${error.message}`, { cause: error });
    throw error;
  }
}

/**
 * Today is not over, and may be asked for (it is not final); an instant or a day that has not begun may not. A record with a
 * simulated clock may be ahead of the wall clock: what it holds is known.
 */
function refuseFuture(asked: KnownAt, { final }: AsKnown, text: string): void {
  if (asked.kind === 'sequence' || final) return;
  const begins = asked.kind === 'date' ? fromInstant(`${asked.date}T00:00:00+05:30`)! : asked.at;
  if (begins > wallClock()) {
    throw new ReplayRefused(`--known-at: ${text} lies in the future; nobody knows yet what will be known then.`);
  }
}

async function openingOf(log: EventLog, stream: string): Promise<RecordedEvent> {
  const [first] = await log.read(stream, { from: 0 as Revision, limit: 1 });
  if (first?.type !== RECORD_OPENED)
    throw new ReplayRefused('This log holds no record yet: run "pramaan serve" on it once.');
  return first;
}

function refuseFullFolder(out: string): void {
  let entries: string[];
  try {
    entries = readdirSync(out);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return;
    throw new ReplayRefused(code === 'ENOTDIR' ? `--out: ${out} is a file, not a folder.` : `--out: ${message}`);
  }
  if (entries.length > 0) {
    throw new ReplayRefused(
      entries.includes(MANIFEST)
        ? `--out: ${out} holds a replay already; give another folder.`
        : `--out: ${out} is not empty${entries.includes(EVENTS) ? ' (an unfinished replay?)' : ''}; give an empty folder.`,
    );
  }
}

function wallClock(): Microseconds {
  return (Date.now() * 1000) as Microseconds;
}
