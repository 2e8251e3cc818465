// Decides what commands and files want, on what is on record: the events that lead there, or why they cannot be.

import type { Day } from '../../contracts/days.ts';
import {
  DEPARTMENT_CLOSED,
  DEPARTMENT_MOVED,
  DEPARTMENT_OPENED,
  DEPARTMENT_RENAMED,
  PERSON_RECORDED,
} from '../../contracts/events/names.ts';
import type { ProgrammeEvent } from '../../contracts/events/programmes.ts';
import type { PeopleReader } from '../read-models/people/reader.ts';
import { SortedRows } from '../read-models/people/sorted-rows.ts';
import { type CatalogueEvent, decideCatalogue } from './catalogue.ts';
import { type DepartmentRow, decideDepartments } from './departments.ts';
import { type KnownSurroundings, ownersOf, personOf, surroundings } from './known.ts';
import { inWords, type Link, PersonDecision, type PersonEvent, type Refuse, type Wanted } from './people.ts';

/** Events of one command, decided together. Where a line is needed there is none: a command has no lines. */
export function decideCommand(
  reader: PeopleReader,
  wanted: readonly ProgrammeEvent[],
  claimsFile: string,
  refuse: Refuse,
): ProgrammeEvent[] {
  const departments: DepartmentRow[] = [];
  const entries: { readonly event: CatalogueEvent }[] = [];
  const people = new Map<string, Wanted[]>();
  for (const event of wanted) {
    const department = rowOf(event);
    if (department) departments.push(department);
    else if (isOfPerson(event)) {
      const { code } = event.data;
      const ofPerson = people.get(code);
      if (ofPerson) ofPerson.push({ event });
      else people.set(code, [{ event }]);
    } else entries.push({ event: event as CatalogueEvent });
  }
  const events: ProgrammeEvent[] = [];
  if (departments.length > 0) {
    // A file calls the last day otherwise than a command does.
    const inCommand: Refuse = (line, column, message) => refuse(line, column === 'closed' ? 'to' : column, message);
    events.push(...decideDepartments(reader.world(), departments, inCommand));
  }
  if (entries.length > 0) events.push(...decideCatalogue(reader.world(), entries, refuse));
  if (people.size > 0) {
    const decision = new PeopleDecision(reader, claimsFile, refuse);
    try {
      for (const [code, facts] of people) events.push(...decision.person(code, facts));
      for (const step of decision.checkClaims()) void step;
    } finally {
      decision.close();
    }
  }
  return events;
}

function isOfPerson(event: ProgrammeEvent): event is PersonEvent {
  return 'code' in event.data;
}

function rowOf({ type, data }: ProgrammeEvent): DepartmentRow | undefined {
  switch (type) {
    case DEPARTMENT_OPENED:
      return data as DepartmentRow;
    case DEPARTMENT_MOVED:
    case DEPARTMENT_RENAMED:
      return { ...(data as DepartmentRow), mustBeThere: true };
    case DEPARTMENT_CLOSED:
      return { id: data.id, closed: data.to, mustBeThere: true };
    default:
      return undefined;
  }
}

/** Decides person by person, then whether anybody holds an identity on days on which another does. */
export class PeopleDecision {
  readonly #reader: PeopleReader;
  readonly #claimsFile: string;
  readonly #refuse: Refuse;
  readonly #around: KnownSurroundings;
  #claims: SortedRows | undefined;

  constructor(reader: PeopleReader, claimsFile: string, refuse: Refuse) {
    this.#reader = reader;
    this.#claimsFile = claimsFile;
    this.#refuse = refuse;
    // Only commands change it, and none may come in while these are decided.
    this.#around = surroundings(reader.world());
  }

  /** All that is wanted of one person. */
  person(code: string, wanted: readonly Wanted[]): readonly PersonEvent[] {
    const known = personOf(this.#reader, this.#around.world, code, wanted.some(namesIdentities));
    const decision = new PersonDecision(code, known, this.#around, this.#refuse);
    decision.decide(wanted);
    for (const [identity, line] of decision.relinked) {
      const links = decision.person.links.filter((link) => link.identity === identity);
      this.#claims ??= new SortedRows(this.#claimsFile);
      const spans = links.map(({ from, to }) => [from, to] as const);
      this.#claims.add(identity, line ?? 0, JSON.stringify([code, spans] satisfies Claim));
    }
    return decision.events;
  }

  /** Yields after every identity: there may be millions. */
  *checkClaims(): Generator<void> {
    if (!this.#claims) return;
    for (const [identity, rows] of this.#claims.groups()) {
      const held: Holding[] = rows.flatMap(({ line, text }) => {
        const [code, spans] = JSON.parse(text) as Claim;
        return spans.map(([from, to]) => ({ code, line: line || undefined, from, to }));
      });
      const changed = new Set(rows.map(({ text }) => (JSON.parse(text) as Claim)[0]));
      for (const owner of ownersOf(this.#reader, identity)) {
        if (!changed.has(owner.code)) held.push({ ...owner, line: undefined });
      }
      this.#findShared(identity, held);
      yield;
    }
  }

  #findShared(identity: string, held: readonly Holding[]): void {
    for (const [index, one] of held.entries()) {
      const other = held
        .slice(index + 1)
        .find(({ code, from, to }) => code !== one.code && from <= one.to && one.from <= to);
      if (!other) continue;
      // The later row is at fault; what is on record has none.
      const [first, later] = (one.line ?? 0) > (other.line ?? 0) ? [other, one] : [one, other];
      const at = later.line ?? first.line;
      const holder = later.line === undefined ? later : first;
      const where = holder.line === undefined ? '' : ` (line ${holder.line})`;
      this.#refuse(at, undefined, `${identity} is that of ${holder.code}${where} ${inWords(holder)}`);
    }
  }

  close(): void {
    this.#claims?.close();
  }
}

/** Whose an identity will be, and on which days. */
type Claim = readonly [code: string, spans: readonly (readonly [from: Day, to: Day])[]];

interface Holding extends Pick<Link, 'from' | 'to'> {
  readonly code: string;
  readonly line: number | undefined;
}

function namesIdentities({ event: { type, data } }: Wanted): boolean {
  return type === PERSON_RECORDED ? data.identities !== undefined : 'identity' in data;
}
