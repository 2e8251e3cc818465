// What is on record about a person, what is wanted on record, and the events in between: none where it is there already.

import { type Day, dateOf, dayOfDate } from '../../contracts/days.ts';
import {
  IDENTITY_LINKED,
  IDENTITY_UNLINKED,
  PERSON_RECORDED,
  POSTING_BEGUN,
  POSTING_ENDED,
  POSTING_WITHDRAWN,
  ROSTER_ENTERED,
  SERVICE_CHANGED,
  SERVICE_RESUMED,
} from '../../contracts/events/names.ts';
import type { Names, PostingDetails, ProgrammeEvent } from '../../contracts/events/programmes.ts';
import { keyOfIdentity } from '../../contracts/xapi/accepted.ts';
import { OPEN_END, OPEN_START } from '../../projections/inputs/types.ts';

type DataOf<Type extends ProgrammeEvent['type']> = Extract<ProgrammeEvent, { type: Type }>['data'];
export type PersonEvent = Extract<ProgrammeEvent, { readonly data: { readonly code: string } }>;

export interface Held {
  readonly kind: DataOf<typeof POSTING_BEGUN>['kind'];
  readonly department: string;
  readonly details: PostingDetails;
  readonly from: Day;
  to: Day;
}

export interface Link {
  readonly identity: string;
  readonly from: Day;
  to: Day;
}

/** What is on record about somebody, as it stands. */
export interface Person {
  names: { hi?: string | undefined; en?: string | undefined };
  onboarded: Day | undefined;
  postings: Held[];
  services: { readonly change: DataOf<typeof SERVICE_CHANGED>['change']; readonly from: Day; to: Day }[];
  links: Link[];
  /** By the session's id. */
  readonly attendance: Map<string, boolean>;
}

/** The world around people, as far as it is asked here. */
export interface Surroundings {
  /** The last day of a department, {@link OPEN_END} while it stands; undefined when there is none of this id. */
  lastDayOf(department: string): Day | undefined;
  hasSession(id: string): boolean;
}

export interface Wanted {
  readonly line?: number;
  readonly event: PersonEvent;
}

/** Why one of the facts wanted cannot be; the others are looked at all the same. */
class DoesNotFit extends Error {
  override readonly name = 'DoesNotFit';
  readonly column: string;
  constructor(column: string, message: string) {
    super(message);
    this.column = column;
  }
}

/** `column`: the member of the event's data that does not fit. */
export type Refuse = (line: number | undefined, column: string | undefined, message: string) => void;

const DETAILS = ['designation', 'cadre', 'group', 'service', 'batch', 'district'] as const;

/** Changes `person` to what will be on record. */
export class PersonDecision {
  readonly events: PersonEvent[] = [];
  /** Identities whose links were changed, each with the last line that asked for it. */
  readonly relinked = new Map<string, number | undefined>();
  readonly person: Person;
  readonly #code: string;
  readonly #known: boolean;
  readonly #around: Surroundings;
  readonly #refuse: Refuse;
  #line: number | undefined;

  constructor(code: string, known: Person | undefined, around: Surroundings, refuse: Refuse) {
    this.#code = code;
    this.#known = known !== undefined;
    this.person = known ?? nobody();
    this.#around = around;
    this.#refuse = refuse;
  }

  /** All that is wanted of this person at once: a later posting ends the one before it, in whatever order they are given. */
  decide(wanted: readonly Wanted[]): void {
    const isNamed = this.#known || wanted.some(({ event }) => event.type === PERSON_RECORDED);
    for (const { line, event } of wanted.toSorted(byFirstDay)) {
      this.#line = line;
      try {
        if (!isNamed) throw new DoesNotFit('code', `there is no person with the employee code ${this.#code}`);
        this.#one(event);
      } catch (error) {
        if (!(error instanceof DoesNotFit)) throw error;
        this.#refuse(line, error.column, error.message);
      }
    }
  }

  #one({ type, data }: PersonEvent): void {
    switch (type) {
      case PERSON_RECORDED:
        this.#record(data);
        break;
      case POSTING_BEGUN:
        this.#post(data);
        break;
      case POSTING_ENDED:
        this.#endPosting(data);
        break;
      case POSTING_WITHDRAWN:
        this.#withdrawPosting(data);
        break;
      case SERVICE_CHANGED:
        this.#changeService(data);
        break;
      case SERVICE_RESUMED:
        this.#resume(data);
        break;
      case IDENTITY_LINKED:
        this.#link(data);
        break;
      case IDENTITY_UNLINKED:
        this.#unlink(data);
        break;
      case ROSTER_ENTERED:
        this.#attend(data);
        break;
    }
  }

  #record({ names, identities = [], onboarded }: DataOf<typeof PERSON_RECORDED>): void {
    const { person } = this;
    const allNames = { ...person.names, ...names };
    const newNames = !isSame(allNames, person.names, ['hi', 'en']);
    const day = onboarded === undefined ? person.onboarded : theDay(onboarded);
    const keys = [...new Set(identities.map(keyOfIdentity))];
    const fresh = keys.filter((identity) => !person.links.some((link) => link.identity === identity));
    if (this.#known && !newNames && day === person.onboarded && fresh.length === 0) return;
    for (const identity of fresh) this.#linked({ identity, from: OPEN_START, to: OPEN_END });
    this.events.push({
      type: PERSON_RECORDED,
      data: {
        code: this.#code,
        ...(newNames && { names: allNames as Names }),
        ...(fresh.length > 0 && { identities: fresh }),
        ...(day !== person.onboarded && { onboarded: onboarded! }),
      },
    });
    person.names = allNames;
    person.onboarded = day;
  }

  // Postings

  #post(wanted: DataOf<typeof POSTING_BEGUN>): void {
    const { kind, department, details = {}, from: firstDay } = wanted;
    const from = theDay(firstDay);
    const to = wanted.to === undefined ? undefined : theDay(wanted.to);
    checkOrder(from, to);
    const lastDay = this.#around.lastDayOf(department);
    if (lastDay === undefined) throw new DoesNotFit('department', `there is no department ${department}`);
    if (Math.max(from, to ?? from) > lastDay) {
      throw new DoesNotFit('department', `department ${department} closed after ${dateOf(lastDay)}`);
    }
    const { postings } = this.person;
    const there = this.#posting(kind, department, from);
    if (there) {
      const merged: PostingDetails = { ...there.details, ...details };
      const until = to ?? there.to;
      if (!isSame(merged, there.details, DETAILS)) {
        // Begun again, it stands in the place of the one that was said wrongly.
        this.#checkOverlaps({ ...there, to: until }, there);
        postings.splice(postings.indexOf(there), 1);
        this.#begin({ kind, department, details: merged, from, to: until });
      } else if (until !== there.to) this.#end(there, until);
      return;
    }
    const posting = { kind, department, details, from, to: to ?? OPEN_END };
    const open = postings.find((one) => one.kind === 'substantive' && one.to === OPEN_END && one.from < from);
    this.#checkOverlaps(posting, open);
    if (open && kind === 'substantive') open.to = (from - 1) as Day;
    this.#begin(posting);
  }

  #begin(posting: Held): void {
    const { kind, department, details, from, to } = posting;
    this.person.postings.push(posting);
    this.events.push({
      type: POSTING_BEGUN,
      data: {
        code: this.#code,
        kind,
        department,
        ...(Object.keys(details).length > 0 && { details }),
        from: dateOf(from),
        ...(to !== OPEN_END && { to: dateOf(to) }),
      },
    });
  }

  #endPosting({ kind, department, from, to }: DataOf<typeof POSTING_ENDED>): void {
    const there = this.#posting(kind, department, theDay(from));
    if (!there) throw new DoesNotFit('from', `there is no ${kind} posting in ${department} from ${from}`);
    checkOrder(there.from, theDay(to));
    if (there.to !== theDay(to)) this.#end(there, theDay(to));
  }

  #end(posting: Held, to: Day): void {
    const { kind, department, from } = posting;
    this.#checkOverlaps({ ...posting, to }, posting);
    posting.to = to;
    const data = { code: this.#code, kind, department, from: dateOf(from), to: dateOf(to) };
    this.events.push({ type: POSTING_ENDED, data });
  }

  #withdrawPosting({ kind, department, from }: DataOf<typeof POSTING_WITHDRAWN>): void {
    const there = this.#posting(kind, department, theDay(from));
    if (!there) throw new DoesNotFit('from', `there is no ${kind} posting in ${department} from ${from}`);
    this.person.postings.splice(this.person.postings.indexOf(there), 1);
    this.events.push({ type: POSTING_WITHDRAWN, data: { code: this.#code, kind, department, from } });
  }

  #posting(kind: string, department: string, from: Day): Held | undefined {
    return this.person.postings.find((one) => one.kind === kind && one.department === department && one.from === from);
  }

  /** Substantive postings may not overlap. @param but the one that makes way for it */
  #checkOverlaps(posting: Held, but: Held | undefined): void {
    if (posting.kind !== 'substantive') return;
    const other = this.person.postings.find(
      (one) => one !== but && one.kind === 'substantive' && one.from <= posting.to && posting.from <= one.to,
    );
    if (other) {
      throw new DoesNotFit('from', `overlaps the substantive posting in ${other.department} ${inWords(other)}`);
    }
  }

  // Service

  #changeService(data: DataOf<typeof SERVICE_CHANGED>): void {
    const { change } = data;
    const from = theDay(data.from);
    const to = data.to === undefined ? undefined : theDay(data.to);
    checkOrder(from, to);
    if (to !== undefined && !isPause(change)) throw new DoesNotFit('to', `who has ${change} has no last day of it`);
    const there = this.person.services.find((one) => one.from === from);
    if (there && there.change !== change) {
      throw new DoesNotFit('change', `${there.change} begins on ${data.from} already`);
    }
    if (!there) {
      this.person.services.push({ change, from, to: to ?? OPEN_END });
      this.events.push({ type: SERVICE_CHANGED, data });
    } else if (to !== undefined && to !== there.to) this.#endPause(there, to);
  }

  #resume(data: DataOf<typeof SERVICE_RESUMED>): void {
    const from = theDay(data.from);
    const there = this.person.services.find((one) => one.from === from && isPause(one.change));
    if (!there) throw new DoesNotFit('from', `no leave or suspension begins on ${data.from}`);
    const to = theDay(data.to);
    checkOrder(from, to);
    if (there.to !== to) this.#endPause(there, to);
  }

  #endPause(pause: Person['services'][number], to: Day): void {
    pause.to = to;
    const data = { code: this.#code, from: dateOf(pause.from), to: dateOf(to) };
    this.events.push({ type: SERVICE_RESUMED, data });
  }

  // Identities

  #link(data: DataOf<typeof IDENTITY_LINKED>): void {
    const identity = keyOfIdentity(data.identity);
    const own = spansOf(this.person.links, identity);
    const from = data.from === undefined ? undefined : theDay(data.from);
    const to = data.to === undefined ? undefined : theDay(data.to);
    checkOrder(from ?? OPEN_START, to);
    // Without a first day it names the link that is there.
    const there =
      own.find((link) => link.from === (from ?? OPEN_START)) ?? (from === undefined ? own.at(-1) : undefined);
    if (there === undefined) this.#relink({ identity, from: from ?? OPEN_START, to: to ?? OPEN_END }, own);
    else if (to === undefined || to === there.to) return;
    else if (to > there.to) this.#relink({ identity, from: (there.to + 1) as Day, to }, own);
    else {
      // An end is that of the last link.
      if (to < there.from || there !== own.at(-1)) throw new DoesNotFit('to', `it is linked ${inWords(own.at(-1)!)}`);
      this.#unlink({ identity, code: this.#code, to: dateOf(to) });
    }
  }

  #relink(link: Link, own: readonly Link[]): void {
    const { identity, from, to } = link;
    if (own.some((one) => one.from <= from && to <= one.to)) return;
    const other = own.find((one) => one.from <= to && from <= one.to);
    if (other) throw new DoesNotFit('from', `it is linked already ${inWords(other)}`);
    this.#linked(link);
    const dates = { ...(from !== OPEN_START && { from: dateOf(from) }), ...(to !== OPEN_END && { to: dateOf(to) }) };
    this.events.push({ type: IDENTITY_LINKED, data: { identity, code: this.#code, ...dates } });
  }

  #linked(link: Link): void {
    this.person.links.push(link);
    this.relinked.set(link.identity, this.#line);
  }

  #unlink(data: DataOf<typeof IDENTITY_UNLINKED>): void {
    const identity = keyOfIdentity(data.identity);
    const { person } = this;
    const others = person.links.filter((link) => link.identity !== identity);
    if (others.length === person.links.length) throw new DoesNotFit('identity', 'it is not linked to this person');
    const to = data.to === undefined ? undefined : theDay(data.to);
    const left = person.links.flatMap((link) => {
      if (link.identity !== identity || to === undefined || link.from > to) return [];
      return [{ ...link, to: Math.min(link.to, to) as Day }];
    });
    const changed = person.links.some(
      (link) => link.identity === identity && (to === undefined || link.from > to || link.to > to),
    );
    if (!changed) return;
    person.links = [...others, ...left];
    this.relinked.set(identity, this.#line);
    this.events.push({ type: IDENTITY_UNLINKED, data: { ...data, identity } });
  }

  // Rosters

  #attend(data: DataOf<typeof ROSTER_ENTERED>): void {
    const { session, attended } = data;
    if (!this.#around.hasSession(session)) throw new DoesNotFit('session', `there is no session ${session}`);
    if (this.person.attendance.get(session) === attended) return;
    this.person.attendance.set(session, attended);
    this.events.push({ type: ROSTER_ENTERED, data });
  }
}

function checkOrder(from: Day, to: Day | undefined): void {
  if (to === undefined || from <= to) return;
  throw new DoesNotFit('to', `the last day, ${dateOf(to)}, lies before the first, ${dateOf(from)}`);
}

export function nobody(): Person {
  return { names: {}, onboarded: undefined, postings: [], services: [], links: [], attendance: new Map() };
}

export function inWords({ from, to }: { readonly from: Day; readonly to: Day }): string {
  if (from === OPEN_START && to === OPEN_END) return 'on all days';
  const begins = from === OPEN_START ? '' : `from ${dateOf(from)}`;
  return `${begins}${begins && to !== OPEN_END ? ' ' : ''}${to === OPEN_END ? '' : `to ${dateOf(to)}`}`;
}

/** The days on which an identity is linked, links that follow on each other as one, in order. */
function spansOf(links: readonly Link[], identity: string): Link[] {
  const spans: Link[] = [];
  for (const link of links.filter((one) => one.identity === identity).sort((a, b) => a.from - b.from)) {
    const last = spans.at(-1);
    if (last && last.to + 1 >= link.from) last.to = Math.max(last.to, link.to) as Day;
    else spans.push({ ...link });
  }
  return spans;
}

/** The schemas let no other date through. */
export function theDay(date: string): Day {
  return dayOfDate(date)!;
}

function isPause(change: string): boolean {
  return change === 'leave' || change === 'suspension';
}

function isSame<T extends object>(a: T, b: T, members: readonly (keyof T)[]): boolean {
  return members.every((member) => a[member] === b[member]);
}

/** What names the person comes first; what was posted withdrawn before what takes its place. */
function byFirstDay(a: Wanted, b: Wanted): number {
  return firstDay(a.event) - firstDay(b.event) || rank(a.event) - rank(b.event);
}

function firstDay({ type, data }: PersonEvent): number {
  if (type === PERSON_RECORDED || type === POSTING_WITHDRAWN) return Number.NEGATIVE_INFINITY;
  return 'from' in data && data.from !== undefined ? theDay(data.from) : OPEN_START;
}

function rank({ type }: PersonEvent): number {
  return type === PERSON_RECORDED ? 0 : type === POSTING_WITHDRAWN ? 1 : 2;
}
