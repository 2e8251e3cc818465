// What the rest of the house may ask of administration, and what it answers: commands on departments, people, the catalogue,
// sessions and figures, one by one or as a file. It runs on a thread of its own.

import type { LoadKind, ProgrammeEvent } from '../../contracts/events/programmes.ts';
import type { Sequence } from '../../contracts/words.ts';

/** One thing that does not fit, of a command or of a row. */
export interface Misfit {
  /** Of a file: the physical line on which the row begins, from 1. */
  readonly line?: number;
  /** The column, or the member of the command's body. */
  readonly column?: string;
  readonly message: string;
}

export interface CommandedBy {
  readonly credential: string;
  readonly requestId: string;
}

export interface Decided {
  /** Events recorded; 0: everything is on record as it was asked for. */
  readonly events: number;
  /** At which it holds: of the last event, or where the record stood when nothing was new. */
  readonly sequence: Sequence;
}

export interface FileToLoad {
  readonly kind: LoadKind;
  /** Where it lies, unpacked; removed when the load is over, however it ends. */
  readonly path: string;
  /** Of the file as it came, hex. */
  readonly sha256: string;
  readonly name?: string;
  /** Account home page of identities that are given as a bare account name. */
  readonly accountHomePage?: string;
}

export type LoadProgress =
  /** The people model takes in what was recorded before: after a large file that takes its time. */
  | { readonly step: 'waiting' }
  /** Each row by itself; then all that is said of one person, against what is on record. */
  | { readonly step: 'reading' | 'comparing'; readonly rows: number }
  | { readonly step: 'recording'; readonly events: number; readonly of: number };

export interface Loaded extends Decided {
  /** Absent when nothing was new. */
  readonly load?: string;
  readonly rows: number;
}

export interface Administration {
  /**
   * Decides a command that wants these facts on record, all of them or none.
   * @throws CommandRefused, RecordingRefused (`overtaken` when others kept coming in between)
   */
  command(wanted: readonly ProgrammeEvent[], by: CommandedBy): Promise<Decided>;
  /** A new file's place in the spool; whoever asks for it writes it, and hands it to `load` or removes it. */
  spoolFile(): string;
  /**
   * Checks a file whole, then records it; it holds as a whole or not at all. One at a time: others wait.
   * @throws CommandRefused, RecordingRefused
   */
  load(file: FileToLoad, by: CommandedBy, onProgress?: (progress: LoadProgress) => void): Promise<Loaded>;
  close(): Promise<void>;
}

/** It does not fit what is on record; nothing was recorded. */
export class CommandRefused extends Error {
  override readonly name = 'CommandRefused';
  /** The first ones, in the order of the lines. */
  readonly misfits: readonly Misfit[];
  /** How many there are in all. */
  readonly total: number;
  constructor(misfits: readonly Misfit[], total: number) {
    super(misfits[0]?.message ?? 'refused');
    this.misfits = misfits;
    this.total = total;
  }
}
