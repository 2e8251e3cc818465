// Checks a file whole. Rows about people are gathered by person first, in a database in the spool, because what is said of one may
// stand anywhere in the file; the events go into a second file, from which they are taken when everything fits. Memory holds
// neither.

import { closeSync, createReadStream, openSync, rmSync, writeSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ProgrammeEvent } from '../../contracts/events/programmes.ts';
import type { Sequence } from '../../contracts/words.ts';
import { lines } from '../import/lines.ts';
import type { PeopleReader } from '../read-models/people/reader.ts';
import { type SortedRow, SortedRows } from '../read-models/people/sorted-rows.ts';
import type { EventToRecord } from '../recording/port.ts';
import { type CatalogueEvent, decideCatalogue } from './catalogue.ts';
import { PeopleDecision } from './deciding.ts';
import { type DepartmentRow, decideDepartments } from './departments.ts';
import { columnOf, KINDS, type Reading } from './kinds.ts';
import { Misfits } from './misfits.ts';
import type { PersonEvent, Refuse } from './people.ts';
import type { FileToLoad, Misfit } from './port.ts';
import { type Row, rowsOf } from './rows.ts';

export interface Checked {
  readonly rows: number;
  /** What it was decided on. */
  readonly since: Sequence;
  readonly events: number;
  readonly misfits: readonly Misfit[];
  /** Of misfits; 0: everything fits. */
  readonly total: number;
}

/** Another command came in while the file was checked. */
export class Overtaken extends Error {
  override readonly name = 'Overtaken';
}

/** People between two looks at what else is to be done, and at the record: no read of the model is held for longer. */
const PEOPLE_A_TURN = 500;
const WRITE_BYTES = 1024 * 1024;

export const eventsFileOf = (path: string): string => `${path}.events`;

/** @throws Overtaken */
export async function checkFile(
  file: FileToLoad,
  reader: PeopleReader,
  onProgress: (step: 'reading' | 'comparing', rows: number) => void,
): Promise<Checked> {
  const misfits = new Misfits();
  const refuse: Refuse = (line, column, message) => misfits.add(line, column && columnOf(column), message);
  const kind = KINDS[file.kind];
  const events = new EventsFile(eventsFileOf(file.path), () => misfits.total === 0);
  const { sequence: since } = reader.begin();
  reader.end();
  let rows = 0;
  const reading: Reading = { refuse, accountHomePage: file.accountHomePage };
  async function* read() {
    for await (const run of rowsOf(file.path, kind, refuse)) {
      yield* run;
      rows += run.length;
      onProgress('reading', rows);
    }
  }
  try {
    if (kind.about === 'people') {
      const gathered = new SortedRows(`${file.path}.rows`);
      try {
        let like: Row | undefined;
        for await (const row of read()) {
          gathered.add(row.get('code') ?? '', row.line, JSON.stringify(row.fields));
          like = row;
        }
        const wantedBy = ({ line, text }: SortedRow) =>
          kind.read(like!.like(line, JSON.parse(text) as string[]), reading).map((event) => ({ line, event }));
        const compared = (count: number) => onProgress('comparing', count);
        await decidePeople(gathered, wantedBy, kind.once, { file, reader, since, refuse, events, compared });
      } finally {
        gathered.close();
      }
    } else if (kind.about === 'departments') {
      const departments: DepartmentRow[] = [];
      for await (const row of read()) departments.push(...kind.read(row, reading));
      events.add(atOnce(reader, since, () => decideDepartments(reader.world(), departments, refuse)));
    } else {
      const entries: { line: number; event: CatalogueEvent }[] = [];
      for await (const row of read()) {
        for (const event of kind.read(row, reading)) entries.push({ line: row.line, event });
      }
      events.add(atOnce(reader, since, () => decideCatalogue(reader.world(), entries, refuse)));
    }
  } finally {
    events.close();
  }
  return { rows, since, events: events.count, misfits: misfits.shown, total: misfits.total };
}

interface Situation {
  readonly file: FileToLoad;
  readonly reader: PeopleReader;
  readonly since: Sequence;
  readonly refuse: Refuse;
  readonly events: EventsFile;
  compared(rows: number): void;
}

async function decidePeople(
  gathered: SortedRows,
  wantedBy: (row: SortedRow) => readonly { readonly line: number; readonly event: PersonEvent }[],
  once: ((event: PersonEvent) => string | undefined) | undefined,
  { file, reader, since, refuse, events, compared }: Situation,
): Promise<void> {
  const decision = new PeopleDecision(reader, `${file.path}.claims`, refuse);
  try {
    let count = 0;
    await inTurns(gathered.groups(), reader, since, ([code, rows]) => {
      const wanted = rows.flatMap(wantedBy);
      if (once) refuseRepeated(wanted, once, refuse);
      events.add(decision.person(code, wanted));
      count += rows.length;
      compared(count);
    });
    await inTurns(decision.checkClaims(), reader, since, () => undefined);
  } finally {
    decision.close();
  }
}

function refuseRepeated(
  wanted: readonly { readonly line: number; readonly event: PersonEvent }[],
  once: (event: PersonEvent) => string | undefined,
  refuse: Refuse,
): void {
  const said = new Map<string, number>();
  for (const { line, event } of wanted) {
    const words = once(event);
    if (words === undefined) continue;
    const before = said.get(words);
    if (before === undefined) said.set(words, line);
    else refuse(line, 'code', `${words} is on line ${before} already`);
  }
}

/** Goes through something long, seeing the model as of one sequence for a short while at a time, and letting others in between. */
async function inTurns<Item>(
  items: Iterable<Item>,
  reader: PeopleReader,
  since: Sequence,
  each: (item: Item) => void,
): Promise<void> {
  const iterator = items[Symbol.iterator]();
  for (let next = iterator.next(); !next.done; ) {
    atOnce(reader, since, () => {
      for (let count = 0; count < PEOPLE_A_TURN && !next.done; count++) {
        each(next.value);
        next = iterator.next();
      }
    });
    await nextTurn();
  }
}

/** What commands leave behind is the same as at `since`, whatever statements came in meanwhile. @throws Overtaken */
function atOnce<Result>(reader: PeopleReader, since: Sequence, decide: () => Result): Result {
  const { command } = reader.begin();
  try {
    if (command > since) throw new Overtaken();
    return decide();
  } finally {
    reader.end();
  }
}

/** The events of a file, a line each: type and data. Once something does not fit, none is wanted any more. */
class EventsFile {
  readonly #path: string;
  readonly #file: number;
  readonly #wanted: () => boolean;
  #lines: string[] = [];
  #length = 0;
  count = 0;

  constructor(path: string, wanted: () => boolean) {
    this.#path = path;
    this.#file = openSync(path, 'w');
    this.#wanted = wanted;
  }

  add(events: readonly ProgrammeEvent[]): void {
    if (!this.#wanted()) return;
    for (const event of events) {
      const line = `${event.type} ${JSON.stringify(event.data)}\n`;
      this.#lines.push(line);
      this.#length += line.length;
      this.count += 1;
    }
    if (this.#length > WRITE_BYTES) this.#write();
  }

  #write(): void {
    let bytes = Buffer.from(this.#lines.join(''));
    while (bytes.length > 0) bytes = bytes.subarray(writeSync(this.#file, bytes));
    this.#lines = [];
    this.#length = 0;
  }

  close(): void {
    this.#write();
    closeSync(this.#file);
    if (!this.#wanted()) rmSync(this.#path, { force: true });
  }
}

/** What one append may hold. */
export interface Portions {
  readonly events: number;
  /** Of data and metadata. */
  readonly bytes: number;
}

/** Room for what an event carries besides its data. */
const BESIDES_BYTES = 700;

/** The events of a checked file in portions that one append takes. */
export async function* portionsOf(path: string, most: Portions): AsyncGenerator<readonly EventToRecord[]> {
  let portion: EventToRecord[] = [];
  let bytes = 0;
  for await (const run of lines(createReadStream(eventsFileOf(path), { highWaterMark: WRITE_BYTES }))) {
    for (const line of run) {
      const size = line.bytes.byteLength + BESIDES_BYTES;
      if (portion.length > 0 && (portion.length >= most.events || bytes + size > most.bytes)) {
        yield portion;
        portion = [];
        bytes = 0;
      }
      const text = Buffer.from(line.bytes.buffer, line.bytes.byteOffset, line.bytes.byteLength).toString();
      const space = text.indexOf(' ');
      portion.push({ type: text.slice(0, space), json: text.slice(space + 1) });
      bytes += size;
    }
  }
  if (portion.length > 0) yield portion;
}
