// One import from its first item to its last: resume, post in order, and what to do with what is refused.

import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import type { Problem } from '../../contracts/http/problem.ts';
import { type Batch, type BatchLimits, batches, readAhead } from './batches.ts';
import { Rejects } from './rejects.ts';
import { type ImportSource, type Item, SourceRefused, type StatementItem, type StorePosition } from './source.ts';
import type { ImportState, StateFile } from './state.ts';
import type { Target } from './target.ts';

export interface ImportOptions {
  readonly source: ImportSource;
  readonly target: Target;
  readonly state: StateFile;
  /** Forget where an earlier run stopped. */
  readonly fromStart: boolean;
  readonly limits: BatchLimits;
  /** Bad items are written here and left out; undefined: the first one stops the import. */
  readonly rejectsFile?: string;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: ImportProgress) => void;
  /** Something the operator should know, in words. */
  readonly onNote?: (words: string) => void;
}

export interface ImportProgress {
  /** Statements that the store acknowledged in this run, new or already there. */
  readonly posted: number;
  readonly rejected: number;
  readonly read?: number;
  readonly total?: number;
}

export interface ImportSummary {
  readonly source: string;
  readonly target: string;
  /** Statements that the store acknowledged in this run, new or already there. */
  readonly posted: number;
  /** Of these, new: the others were there already. */
  readonly recorded: number;
  readonly rejected: number;
  readonly rejectsFile?: string;
  /** Items that earlier runs had passed, when this one went on from there. */
  readonly resumedAfter?: number;
  /** Highest sequence of the record that holds a statement of this run. */
  readonly sequence?: number;
  readonly seconds: number;
}

/** A bad item, without `--skip-bad`: everything before it is stored, nothing after it. */
export class ImportStopped extends Error {
  override readonly name = 'ImportStopped';
  readonly item: Item;
  readonly problems: readonly Problem[];
  readonly summary: ImportSummary;
  constructor(item: Item, problems: readonly Problem[], summary: ImportSummary) {
    super(`${item.place.text}: ${problems.map(({ path, message }) => `${path}: ${message}`).join('; ')}`);
    this.item = item;
    this.problems = problems;
    this.summary = summary;
  }
}

/** @throws ImportStopped, SourceRefused, TargetRefused, NoAnswer */
export async function runImport(options: ImportOptions): Promise<ImportSummary> {
  const { source, target } = options;
  await target.check();
  const state = options.fromStart ? undefined : await usableState(options);
  const run = new Run(options, state);
  try {
    for await (const batch of readAhead(batches(run.remaining(), () => run.limits))) {
      options.signal?.throwIfAborted();
      await run.send(batch);
    }
    run.finish(source.end?.());
    return run.summary();
  } finally {
    run.close();
  }
}

/** The state of an earlier run, when it is about this source and target and the target holds what it says. */
async function usableState({ source, target, state: file, onNote }: ImportOptions): Promise<ImportState | undefined> {
  const found = file.read();
  if (found.found === 'none') return undefined;
  if (found.found === 'unreadable') {
    onNote?.(`${file.path} cannot be read; starting from the beginning.`);
    return undefined;
  }
  const { state } = found;
  if (state.target !== target.endpoint.href || JSON.stringify(state.source) !== JSON.stringify(source.description)) {
    throw new SourceRefused(
      `${file.path} belongs to another import (${Object.values(state.source).join(', ')} into ${state.target}). ` +
        'Give this one a state file of its own with --state FILE, or begin anew with --from-start.',
    );
  }
  if (state.last === undefined) return state;
  const holds = await target.holds(state.last);
  if (holds) return state;
  onNote?.(
    holds === undefined
      ? 'The credential may not read, so it cannot be checked that the store still holds the first part; starting from the beginning (what is there already is not stored twice).'
      : 'The store does not hold what was imported before; starting from the beginning.',
  );
  return undefined;
}

class Run {
  limits: BatchLimits;
  readonly #options: ImportOptions;
  readonly #resumed: ImportState | undefined;
  readonly #rejects: Rejects | undefined;
  readonly #begun = performance.now();
  readonly #digest = createHash('sha256');
  #passed = 0;
  #position: StorePosition | undefined;
  #last: string | undefined;
  #posted = 0;
  #recorded = 0;
  #rejected = 0;
  #sequence: number | undefined;

  constructor(options: ImportOptions, resumed: ImportState | undefined) {
    this.#options = options;
    this.#resumed = resumed;
    this.limits = options.limits;
    this.#position = resumed?.position;
    this.#last = resumed?.last;
    if (options.rejectsFile !== undefined) {
      const kept = resumed?.rejects?.file === options.rejectsFile && existsSync(options.rejectsFile);
      this.#rejects = new Rejects(options.rejectsFile, kept ? resumed!.rejects!.bytes : 0);
    }
  }

  /** The items that no earlier run has passed. */
  async *remaining(): AsyncGenerator<Item> {
    const { source } = this.#options;
    const earlier = this.#resumed?.passed;
    let toPass = earlier?.items ?? 0;
    for await (const items of source.items(this.#resumed?.position)) {
      for (const item of items) {
        if (toPass === 0) yield item;
        else {
          this.#count(item);
          if (--toPass === 0 && this.#digest.copy().digest('hex') !== earlier!.sha256) throw this.#changed();
        }
      }
    }
    if (toPass > 0) throw this.#changed();
  }

  /** Posts a batch, in parts where it must be; returns when every item of it is stored or put aside. */
  async send(batch: Batch): Promise<void> {
    const items: readonly Item[] = 'kind' in batch ? [batch] : batch;
    let refused: readonly Refused[];
    try {
      refused = 'kind' in batch ? [this.#refused(batch, batch.problems)] : await this.#post(batch);
    } catch (error) {
      // What stands before the item that stopped the import is stored: the next run goes on there.
      const before = error instanceof ImportStopped ? items.indexOf(error.item) : 0;
      if (before > 0) this.#pass(items.slice(0, before));
      throw error;
    }
    for (const { item, problems } of refused) this.#rejects!.add(item, problems);
    this.#rejected += refused.length;
    this.#pass(items);
  }

  /** Posts these in order; what the store finds fault with comes back (or stops the import, when nothing may be left out). */
  async #post(items: readonly StatementItem[]): Promise<Refused[]> {
    if (items.length === 0) return [];
    const posted = await this.#options.target.post(items);
    if (posted.outcome === 'recorded') {
      this.#posted += items.length;
      this.#last = items.at(-1)!.id;
      this.#recorded += posted.recorded ?? items.length;
      if (posted.sequence !== undefined) this.#sequence = Math.max(this.#sequence ?? -1, posted.sequence);
      return [];
    }
    const problems = posted.outcome === 'at-fault' ? posted.problems : [];
    const faults = faultsByIndex(problems, items.length);
    if (faults.size > 0) {
      // Without --skip-bad only what stands before the first fault is stored.
      if (!this.#rejects) await this.#post(items.slice(0, Math.min(...faults.keys())));
      const refused = [...faults]
        .sort(([a], [b]) => a - b)
        .map(([index, found]) => this.#refused(items[index]!, found));
      return [...refused, ...(await this.#post(items.filter((_, index) => !faults.has(index))))];
    }
    if (items.length === 1) {
      const unexplained = [{ path: '$', message: `the store answered ${posted.detail}` }];
      return [this.#refused(items[0]!, problems.length > 0 ? problems : unexplained)];
    }
    const half = Math.ceil(items.length / 2);
    // What was too large once is too large again: later batches begin smaller.
    if (posted.outcome === 'too-large')
      this.limits = { ...this.limits, statements: Math.min(this.limits.statements, half) };
    return [...(await this.#post(items.slice(0, half))), ...(await this.#post(items.slice(half)))];
  }

  /** @throws ImportStopped without `--skip-bad` */
  #refused(item: Item, problems: readonly Problem[]): Refused {
    const shown = problems.map(({ index: _, ...problem }) => ({
      ...problem,
      path: problem.path.replace(/^\$\[\d+\]/, '$'),
    }));
    if (!this.#rejects) throw new ImportStopped(item, shown, this.summary());
    return { item, problems: shown };
  }

  #pass(items: readonly Item[]): void {
    for (const item of items) this.#count(item);
    this.#save();
    const { source, onProgress } = this.#options;
    onProgress?.({ posted: this.#posted, rejected: this.#rejected, ...source.progress?.() });
  }

  #count(item: Item): void {
    this.#passed++;
    if (this.#options.source.kind === 'file') this.#digest.update(`${item.raw}\n`);
    this.#position = item.resumeAt ?? this.#position;
  }

  #save(): void {
    const { source, target, state } = this.#options;
    const passed = { items: this.#passed, sha256: this.#digest.copy().digest('hex') };
    state.write({
      format: 'pramaan-import.v1',
      source: { ...source.description },
      target: target.endpoint.href,
      ...(source.kind === 'file' ? { passed } : {}),
      ...(this.#position === undefined ? {} : { position: this.#position }),
      ...(this.#last === undefined ? {} : { last: this.#last }),
      ...(this.#rejects === undefined ? {} : { rejects: { file: this.#rejects.file, bytes: this.#rejects.bytes } }),
      counts: {
        posted: (this.#resumed?.counts.posted ?? 0) + this.#posted,
        rejected: (this.#resumed?.counts.rejected ?? 0) + this.#rejected,
      },
    });
  }

  /** A file is done with; another store will have more tomorrow, and the next import goes on from its end. */
  finish(end: StorePosition | undefined): void {
    if (this.#options.source.kind === 'file') this.#options.state.remove();
    else if (end) {
      this.#position = end;
      this.#save();
    }
  }

  close(): void {
    this.#rejects?.close();
  }

  summary(): ImportSummary {
    const { source, target } = this.#options;
    return {
      source: source.name,
      target: target.endpoint.href,
      posted: this.#posted,
      recorded: this.#recorded,
      rejected: this.#rejected,
      ...(this.#rejects ? { rejectsFile: this.#rejects.file } : {}),
      ...(this.#resumed ? { resumedAfter: this.#resumed.counts.posted + this.#resumed.counts.rejected } : {}),
      ...(this.#sequence === undefined ? {} : { sequence: this.#sequence }),
      seconds: Math.round((performance.now() - this.#begun) / 10) / 100,
    };
  }

  #changed(): SourceRefused {
    return new SourceRefused(
      `${this.#options.source.name} is not what it was when the import was interrupted: its first ${this.#resumed?.passed?.items} ` +
        'items have changed. Begin anew with --from-start; what is there already is not stored twice.',
    );
  }
}

interface Refused {
  readonly item: Item;
  readonly problems: readonly Problem[];
}

/** Problems by place in the batch; empty when one of them names none, for then any statement may be at fault. */
function faultsByIndex(problems: readonly Problem[], length: number): ReadonlyMap<number, readonly Problem[]> {
  const faults = new Map<number, Problem[]>();
  for (const problem of problems) {
    if (problem.index === undefined || problem.index < 0 || problem.index >= length) return new Map();
    faults.set(problem.index, [...(faults.get(problem.index) ?? []), problem]);
  }
  return faults;
}
