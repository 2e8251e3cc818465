// What an event of the record does: names, changes of subjects' inputs, changes of the world. It knows nothing of what is worked out
// from them. What makes no sense (a posting of an unknown code) changes nothing: commands refuse it before it is recorded.

import { type Day, dayOfDate } from '../../../contracts/days.ts';
import {
  IDENTITY_LINKED,
  IDENTITY_UNLINKED,
  isCommand,
  LOAD_BEGUN,
  LOAD_COMPLETED,
  PERSON_RECORDED,
  POSTING_BEGUN,
  POSTING_ENDED,
  POSTING_WITHDRAWN,
  ROSTER_ENTERED,
  SERVICE_CHANGED,
  SERVICE_RESUMED,
  STATEMENT_RECORDED,
} from '../../../contracts/events/names.ts';
import type { ProgrammeEvent } from '../../../contracts/events/programmes.ts';
import { fromInstant } from '../../../contracts/time.ts';
import type { Sequence, StatementId } from '../../../contracts/words.ts';
import { keyOfIdentity, type Statement, statementId, VOIDED } from '../../../contracts/xapi/accepted.ts';
import { factsOf } from '../../../projections/inputs/facts.ts';
import {
  type Input,
  type NodeNumber,
  OPEN_END,
  OPEN_START,
  STANDING,
  type SubjectNumber,
} from '../../../projections/inputs/types.ts';
import type { Touched, World } from '../../../projections/inputs/world.ts';
import { mayVoid, UnreadableEvent } from '../../../projections/statement-index/index.ts';
import type { RecordedEvent } from '../../event-log/index.ts';
import { endingPosting, putting, resuming, unlinking, withdrawingFacts, withdrawingPosting } from './changes.ts';
import type { Loads } from './loads.ts';
import { keyOfCode } from './reader.ts';
import type { Place, Subjects } from './subjects.ts';
import type { VoidsAhead } from './voids.ts';

/** The statement index, as far as it has gone. */
export interface KnownStatements {
  checkpoint(): { readonly sequence: Sequence };
  find(
    ids: readonly StatementId[],
  ): readonly ({ readonly sequence: Sequence; readonly isVoiding: boolean } | undefined)[];
}

export interface Around {
  readonly world: World;
  readonly subjects: Subjects;
  readonly loads: Loads;
  readonly voids: VoidsAhead;
  readonly statements: KnownStatements;
  eventsAt(sequences: readonly number[]): readonly RecordedEvent[];
  /** A change of a subject's inputs; the record is good until the next one. */
  change(subject: SubjectNumber, isPerson: boolean, record: Buffer): void;
  /** A fact is about this activity, a roster about this session. */
  uses(what: 'activity' | 'session', number: number): void;
  touched(what: Touched): void;
}

/** The statement index has not come as far as this void: it is to be asked again later. */
export class IndexBehind extends Error {
  override readonly name = 'IndexBehind';
}

/** Not said by commands. */
/** Events of a load that are read again at once. */
const PAGE = 500;

export class Fold {
  readonly #around: Around;

  constructor(around: Around) {
    this.#around = around;
  }

  /** @throws UnreadableEvent; IndexBehind, having done nothing yet */
  event(event: RecordedEvent): void {
    try {
      if (event.type === STATEMENT_RECORDED) this.#statement(event);
      else if (isCommand(event.type)) this.#command(event);
    } catch (error) {
      if (error instanceof IndexBehind || error instanceof UnreadableEvent || isStorage(error)) throw error;
      throw new UnreadableEvent(event.revision as number as Sequence, event.type, { cause: error });
    }
  }

  #statement(event: RecordedEvent): void {
    const sequence: number = event.revision;
    const statement = parse(event.data) as Statement;
    if (statement.verb.id === VOIDED) {
      this.#void(event, statement, sequence);
      return;
    }
    const { voids } = this.#around;
    if (!voids.isEmpty && voids.take(statementId(statement.id as string))) return;
    const { world, subjects } = this.#around;
    const found = factsOf(statement, fromInstant(statement.stored as string)!);
    for (let ordinal = 0; ordinal < found.length; ordinal++) {
      const { who, name, kind, activity, at, score, seconds } = found[ordinal]!;
      const subject =
        subjects.find(who) ??
        subjects.name(
          false,
          who,
          { sequence, ordinal, recorded: sequence },
          name === undefined ? undefined : { sent: name },
        );
      const number = world.activity(activity);
      this.#around.uses('activity', number);
      const fact = { is: 'fact', kind, activity: number, at: Math.floor(at / 1e6), ...known(sequence) } as const;
      this.#put(subject, false, {
        ...fact,
        ...(score !== undefined && { score }),
        ...(seconds !== undefined && { seconds }),
      });
    }
  }

  /** The facts of the statement are withdrawn; one that has not come yet will have none. */
  #void(event: RecordedEvent, { object }: Statement, sequence: number): void {
    if (object.objectType !== 'StatementRef') return;
    if (!mayVoid((parse(event.metadata) as { readonly scopes?: readonly string[] }).scopes ?? [])) return;
    const { statements, subjects, voids } = this.#around;
    if (statements.checkpoint().sequence < sequence) throw new IndexBehind();
    const id = statementId(object.id);
    const [target] = statements.find([id]);
    if (target === undefined || target.sequence > sequence) {
      voids.add(id, sequence);
      return;
    }
    if (target.isVoiding) return;
    const [voided] = this.#around.eventsAt([target.sequence]);
    if (!voided) throw new TypeError(`the record has no event at ${target.sequence}`);
    const statement = parse(voided.data) as Statement;
    for (const { who } of factsOf(statement, fromInstant(statement.stored as string)!)) {
      const subject = subjects.find(who);
      if (subject !== undefined) this.#change(subject, false, withdrawingFacts(subject, target.sequence, sequence));
    }
  }

  #command(event: RecordedEvent): void {
    const sequence: number = event.revision;
    const said = { type: event.type, data: parse(event.data) } as ProgrammeEvent;
    const { loads } = this.#around;
    if (said.type === LOAD_BEGUN) loads.begin(said.data.load, said.data.kind, sequence);
    else if (said.type === LOAD_COMPLETED) {
      for (const run of loads.complete(said.data.load)) this.#takeRun(run, sequence);
    } else {
      const { load } = parse(event.metadata) as { readonly load?: string };
      if (load === undefined) this.#apply(said, sequence, sequence);
      else loads.note(load, sequence);
    }
  }

  /** The events of a load, known from its end on; each names where it stands itself. */
  #takeRun([first, last]: readonly [number, number], recorded: number): void {
    for (let from = first; from <= last; from += PAGE) {
      const sequences = Array.from({ length: Math.min(PAGE, last - from + 1) }, (_, i) => from + i);
      for (const event of this.#around.eventsAt(sequences)) {
        const said = { type: event.type, data: parse(event.data) } as ProgrammeEvent;
        this.#apply(said, event.revision, recorded);
      }
    }
  }

  /** `sequence` is where the event stands, `recorded` from when it is known. */
  #apply(event: ProgrammeEvent, sequence: number, recorded: number): void {
    switch (event.type) {
      case PERSON_RECORDED:
        this.#person(event.data, sequence, recorded);
        return;
      case POSTING_BEGUN: {
        const { kind, department, details = {}, from, to } = event.data;
        const person = this.#personOf(event.data.code);
        const node = this.#around.world.findNode(department);
        if (person === undefined || node === undefined) return;
        this.#put(person, true, {
          is: 'posting',
          kind,
          node,
          details: this.#around.world.details(details),
          from: day(from),
          to: to === undefined ? OPEN_END : day(to),
          ...known(recorded),
        });
        return;
      }
      case POSTING_ENDED: {
        const named = this.#posting(event.data);
        if (named) this.#change(named.person, true, endingPosting(named.person, named, day(event.data.to), recorded));
        return;
      }
      case POSTING_WITHDRAWN: {
        const named = this.#posting(event.data);
        if (named) this.#change(named.person, true, withdrawingPosting(named.person, named, recorded));
        return;
      }
      case SERVICE_CHANGED: {
        const person = this.#personOf(event.data.code);
        const { change, from, to } = event.data;
        const until = to === undefined ? OPEN_END : day(to);
        if (person !== undefined)
          this.#put(person, true, { is: 'service', change, from: day(from), to: until, ...known(recorded) });
        return;
      }
      case SERVICE_RESUMED: {
        const person = this.#personOf(event.data.code);
        if (person === undefined) return;
        this.#change(person, true, resuming(person, day(event.data.from), day(event.data.to), recorded));
        return;
      }
      case IDENTITY_LINKED: {
        const person = this.#personOf(event.data.code);
        const { from, to } = event.data;
        if (person === undefined) return;
        const identity = this.#identity(event.data.identity, { sequence, ordinal: 0, recorded });
        const on = { from: from === undefined ? OPEN_START : day(from), to: to === undefined ? OPEN_END : day(to) };
        this.#link(person, identity, on, recorded, false);
        return;
      }
      case IDENTITY_UNLINKED: {
        const person = this.#personOf(event.data.code);
        const identity = this.#around.subjects.find(keyOfIdentity(event.data.identity));
        if (person === undefined || identity === undefined) return;
        const to = event.data.to === undefined ? undefined : day(event.data.to);
        this.#change(person, true, unlinking('unlink', person, identity, to, recorded));
        this.#change(identity, false, unlinking('disown', identity, person, to, recorded));
        return;
      }
      case ROSTER_ENTERED: {
        const person = this.#personOf(event.data.code);
        const session = this.#around.world.findSession(event.data.session);
        if (person === undefined || session === undefined) return;
        this.#around.uses('session', session);
        this.#put(person, true, { is: 'attendance', session, attended: event.data.attended, ...known(recorded) });
        return;
      }
      default:
        this.#around.touched(this.#around.world.apply(event, recorded));
    }
  }

  #person(
    said: Extract<ProgrammeEvent, { type: typeof PERSON_RECORDED }>['data'],
    sequence: number,
    recorded: number,
  ): void {
    const { subjects } = this.#around;
    const key = keyOfCode(said.code);
    const names = said.names && {
      ...(said.names.hi !== undefined && { hi: said.names.hi }),
      ...(said.names.en !== undefined && { en: said.names.en }),
    };
    let person = subjects.find(key);
    if (person === undefined) person = subjects.name(true, key, { sequence, ordinal: 0, recorded }, names);
    else if (names) subjects.rename(person, names, recorded);
    for (const [i, text] of (said.identities ?? []).entries()) {
      const identity = this.#identity(text, { sequence, ordinal: i + 1, recorded });
      this.#link(person, identity, { from: OPEN_START, to: OPEN_END }, recorded, true);
    }
    if (said.onboarded !== undefined)
      this.#put(person, true, { is: 'onboarded', on: day(said.onboarded), ...known(recorded) });
  }

  #link(
    person: SubjectNumber,
    identity: SubjectNumber,
    on: { readonly from: Day; readonly to: Day },
    recorded: number,
    unlessLinked: boolean,
  ): void {
    const dated = { ...on, ...known(recorded) };
    this.#put(person, true, { is: 'link', other: identity, ...dated }, unlessLinked);
    this.#put(identity, false, { is: 'owner', other: person, ...dated }, unlessLinked);
  }

  #personOf(code: string): SubjectNumber | undefined {
    return this.#around.subjects.find(keyOfCode(code));
  }

  #identity(text: string, place: Place): SubjectNumber {
    const key = keyOfIdentity(text);
    return this.#around.subjects.find(key) ?? this.#around.subjects.name(false, key, place, undefined);
  }

  #posting(said: {
    readonly code: string;
    readonly kind: 'substantive' | 'deputation' | 'additional-charge';
    readonly department: string;
    readonly from: string;
  }): { person: SubjectNumber; kind: typeof said.kind; node: NodeNumber; from: Day } | undefined {
    const person = this.#personOf(said.code);
    const node = this.#around.world.findNode(said.department);
    if (person === undefined || node === undefined) return undefined;
    return { person, kind: said.kind, node, from: day(said.from) };
  }

  #put(subject: SubjectNumber, isPerson: boolean, input: Input, unlessLinked = false): void {
    this.#around.change(subject, isPerson, putting(subject, input, { unlessLinked }));
  }

  #change(subject: SubjectNumber, isPerson: boolean, record: Buffer): void {
    this.#around.change(subject, isPerson, record);
  }
}

const known = (recorded: number) => ({ recorded, withdrawn: STANDING });

function day(date: string): Day {
  const found = dayOfDate(date);
  if (found === undefined) throw new TypeError(`${date} is no date`);
  return found;
}

const utf8 = new TextDecoder('utf-8', { fatal: true });
const parse = (bytes: Uint8Array): unknown => JSON.parse(utf8.decode(bytes));

/** A failure of the file or the log says nothing about the event. */
function isStorage(error: unknown): boolean {
  return typeof (error as { errcode?: unknown }).errcode === 'number' || (error as Error).name === 'LogUnavailable';
}
