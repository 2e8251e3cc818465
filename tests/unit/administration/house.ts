// Administration as a node runs it, without HTTP: the recorder, both projectors and administration on their threads, over a folder
// of their own.

import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LoadKind } from '../../../contracts/events/programmes.ts';
import { type Microseconds, NOTHING, type Revision, type Sequence } from '../../../contracts/words.ts';
import { type Administration, type FileToLoad, startAdministration } from '../../../src/administration/index.ts';
import { streamsWithPrefix } from '../../../src/event-log/index.ts';
import { openLogAt } from '../../../src/event-log/open.ts';
import { Progress } from '../../../src/progress.ts';
import { startProjector } from '../../../src/projector/index.ts';
import { type StartedRecording, startRecording } from '../../../src/recording/index.ts';

export interface House {
  readonly folder: string;
  readonly administration: Administration;
  readonly recording: StartedRecording;
  /** A file of these lines, put into the spool. */
  file(kind: LoadKind, content: string | Uint8Array, options?: { readonly accountHomePage?: string }): FileToLoad;
  /** Type and data of every event after a sequence, with the load it belongs to. */
  eventsAfter(sequence: number): Promise<readonly { type: string; data: Record<string, unknown>; load?: string }[]>;
  /** Once the people model has come there. */
  reached(sequence: Sequence): Promise<void>;
  /** @param options `kept`: the folder stays, to be opened again */
  close(options?: { readonly kept?: boolean }): Promise<void>;
}

export const BY = { credential: 'credential-1', requestId: 'request-1' };

export async function openHouse(folder = mkdtempSync(join(tmpdir(), 'pramaan-house-'))): Promise<House> {
  const streams = streamsWithPrefix('');
  const place = { kind: 'sqlite', file: join(folder, 'log.sqlite') } as const;
  const onFailure = (error: Error): void => {
    throw error;
  };
  const recording = await startRecording({
    log: place,
    dataDir: folder,
    streamPrefix: '',
    simulatedClock: false,
    onFailure,
  });
  const known = new Progress<{ readonly sequence: Sequence; readonly stored: Microseconds }>({
    sequence: NOTHING,
    stored: 0 as Microseconds,
  });
  const where = { dataDir: folder, logFile: place.file, streams, onFailure };
  const index = await startProjector({ ...where, onSaved: ({ sequence }) => recording.indexed(sequence) });
  const people = await startProjector({ ...where, model: 'people', onProgress: (at) => known.advance(at) });
  const administration = await startAdministration({
    dataDir: folder,
    recording,
    reached: (sequence, timeoutMs) => known.waitFor(sequence, timeoutMs),
    appendBytes: 1024 * 1024,
    onFailure,
  });
  const log = openLogAt(place, { create: false });
  return {
    folder,
    administration,
    recording,
    file(kind, content, options = {}) {
      const path = administration.spoolFile();
      writeFileSync(path, content);
      return { kind, path, sha256: createHash('sha256').update(readFileSync(path)).digest('hex'), ...options };
    },
    async eventsAfter(sequence) {
      const events = await log.read(streams.record, { from: (sequence + 1) as Revision, limit: 10_000 });
      return events.map(({ type, data, metadata }) => {
        const { load } = JSON.parse(Buffer.from(metadata).toString()) as { load?: string };
        return { type, data: JSON.parse(Buffer.from(data).toString()), ...(load && { load }) };
      });
    },
    reached: (sequence) => people.caughtUp(sequence),
    async close({ kept = false } = {}) {
      await administration.close();
      await people.stop();
      await index.stop();
      await recording.close();
      await log.close();
      if (!kept) rmSync(folder, { recursive: true, force: true });
    },
  };
}
