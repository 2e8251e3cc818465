// Which learners completed which courses, counted in one plain loop over the events of a history: nothing of it is the model's.

import {
  COURSE_LISTED,
  IDENTITY_LINKED,
  IDENTITY_UNLINKED,
  LOAD_COMPLETED,
  PERSON_RECORDED,
  type ProgrammeEvent,
} from '../../../contracts/events/index.ts';
import type { Anything } from '../../journeys/command.ts';
import { type Entry, PLATFORM } from './people-histories.ts';
import { storedOf } from './people-house.ts';

interface Link {
  readonly code: string;
  readonly from: string;
  to: string;
}
interface Version {
  readonly from: string;
  readonly aliases: readonly string[];
}

const EVER = '0000-01-01';
const ALWAYS = '9999-12-31';
const COMPLETES = new Set(['completed', 'passed', 'waived']);

/** Distinct pairs of a learner and a course, once everything has come; the record begins with one event more. */
export function completionsIn(entries: readonly Entry[]): number {
  const { links, versions } = commandsOf(entries);
  /** By learner and course, in order of time: completed, or taken back. */
  const happened = new Map<string, { readonly at: string; readonly completes: boolean }[]>();
  for (const { at, who, verb, activity, isIncomplete } of standing(entries)) {
    const isCompletion = COMPLETES.has(verb) && !isIncomplete;
    if (!isCompletion && verb !== 'revoked') continue;
    const day = inKolkata(at);
    const course = courseOf(activity, day, versions);
    if (course === PLATFORM) continue;
    for (const identity of who) {
      const owner = links.get(identity)?.findLast(({ from, to }) => from <= day && day <= to)?.code ?? identity;
      const key = `${owner} ${course}`;
      happened.set(key, [...(happened.get(key) ?? []), { at, completes: isCompletion }]);
    }
  }
  let count = 0;
  for (const all of happened.values()) {
    // What is taken back at an instant takes back what was completed at that very instant too.
    all.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : Number(b.completes) - Number(a.completes)));
    if (all.at(-1)!.completes) count++;
  }
  return count;
}

/** Commands in the order in which they take effect. */
function commandsOf(entries: readonly Entry[]) {
  const links = new Map<string, Link[]>();
  const versions = new Map<string, Version[]>();
  const people = new Set<string>();
  const held = new Map<string, ProgrammeEvent[]>();
  const take = ({ type, data }: ProgrammeEvent): void => {
    if (type === COURSE_LISTED) {
      const { id, aliases, from = EVER } = data;
      versions.set(id, [...(versions.get(id) ?? []), { from, aliases }]);
    } else if (type === PERSON_RECORDED) {
      people.add(data.code);
      for (const identity of data.identities ?? []) {
        const known = links.get(identity) ?? [];
        links.set(identity, known);
        if (!known.some(({ code }) => code === data.code)) known.push({ code: data.code, from: EVER, to: ALWAYS });
      }
    } else if (type === IDENTITY_LINKED && people.has(data.code)) {
      const { identity, code, from = EVER, to = ALWAYS } = data;
      const known = links.get(identity) ?? [];
      links.set(identity, known);
      if (!known.some((one) => one.code === code && one.from === from && one.to === to)) known.push({ code, from, to });
    } else if (type === IDENTITY_UNLINKED) {
      const { identity, code, to } = data;
      const known = links.get(identity) ?? [];
      const rest = known.filter((one) => one.code !== code || (to !== undefined && one.from <= to && one.to <= to));
      // What ends on another day is said anew: of several persons, the last word decides.
      const ended = known.filter((one) => one.code === code && to !== undefined && one.from <= to && one.to > to);
      links.set(identity, [...rest, ...ended.map((one) => ({ ...one, to: to! }))]);
    }
  };
  for (const entry of entries) {
    if (!('event' in entry)) continue;
    const { event, load } = entry;
    if (load !== undefined) held.set(load, [...(held.get(load) ?? []), event]);
    else if (event.type === LOAD_COMPLETED) for (const one of held.get(event.data.load) ?? []) take(one);
    else take(event);
  }
  return { links, versions };
}

/** The statements that nobody with the right to it has voided, before or after. */
function* standing(entries: readonly Entry[]) {
  const voided = new Set<string>();
  for (const entry of entries) {
    if (!('statement' in entry) || !entry.scopes?.includes('void')) continue;
    voided.add((entry.statement.object as { readonly id: string }).id);
  }
  for (const [i, entry] of entries.entries()) {
    if (!('statement' in entry)) continue;
    const { id, actor, verb, object, timestamp, result } = entry.statement as Anything;
    if (voided.has(id)) continue;
    const stored = storedOf(i + 1);
    const at =
      timestamp !== undefined && new Date(timestamp).toISOString() < stored
        ? new Date(timestamp).toISOString()
        : stored;
    const agents = (actor.member ?? [actor]) as {
      readonly account?: { readonly homePage: string; readonly name: string };
    }[];
    yield {
      at,
      who: agents.flatMap(({ account }) => (account ? [`account:${account.homePage}|${account.name}`] : [])),
      verb: verb.id.slice(verb.id.lastIndexOf('/') + 1) as string,
      activity: object.id as string,
      isIncomplete: result?.completion === false,
    };
  }
}

function courseOf(activity: string, day: string, versions: ReadonlyMap<string, readonly Version[]>): string {
  if (versions.has(activity)) return activity;
  for (const [id, all] of versions) {
    if (onDay(all, day).aliases.includes(activity)) return id;
  }
  return activity;
}

/** The one that began last among those begun; before the first of them, the earliest. Of several of one day, the last said. */
function onDay(versions: readonly Version[], day: string): Version {
  const inOrder = versions.toSorted((a, b) => (a.from < b.from ? -1 : a.from > b.from ? 1 : 0));
  const begun = inOrder.findLast(({ from }) => from <= day);
  return begun ?? inOrder.findLast(({ from }) => from === inOrder[0]!.from)!;
}

function inKolkata(at: string): string {
  return new Date(Date.parse(at) + 19_800_000).toISOString().slice(0, 10);
}
