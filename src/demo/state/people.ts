// The people of the made-up state, each worked out anew from the seed and a number, so that none need be kept: who they are, where
// they are posted, when they joined the platform, and what HR knows of it in which month.

import type { Day } from '../../../contracts/days.ts';
import type { CADRES, POSTING_KINDS, SERVICE_CHANGES } from '../../../contracts/events/programmes.ts';
import { type Chance, chance } from '../chance.ts';
import { type Calendar, monthOf } from './calendar.ts';
import { BRANCHES, type Branch } from './departments.ts';
import { type BothNames, nameOf } from './names.ts';
import { DISTRICTS } from './places.ts';
import { POSTS, type Post } from './posts.ts';

/** How many people at `--scale 1`, and which share of them HR has never heard of besides. */
const PEOPLE = 1_880_000;
const UNKNOWN_SHARE = 0.004;
/** What HR tells at the beginning, before the first month's file. */
export const AT_THE_START = -1;
/** Of the officers, how many are called to a 7-day programme; and so many to one. */
const CALLED_SHARE = 0.3;
const A_PROGRAMME = 0.0012;

export interface Size {
  readonly seed: number;
  readonly people: number;
  /** Identities nobody knows. */
  readonly unknown: number;
  /** 7-day programmes held. */
  readonly programmes: number;
}

export function sizeOf(scale: number, seed: number): Size {
  const people = Math.max(1, Math.round(PEOPLE * scale));
  return {
    seed,
    people,
    unknown: Math.round(people * UNKNOWN_SHARE),
    programmes: Math.max(8, Math.round(people * A_PROGRAMME)),
  };
}

export interface PlannedPosting {
  readonly kind: (typeof POSTING_KINDS)[number];
  readonly department: string;
  readonly designation: string;
  readonly cadre: (typeof CADRES)[number];
  readonly group: string;
  readonly district?: string;
  readonly from: Day;
  readonly to?: Day;
  /** The month whose file tells of it. */
  readonly told: number;
}

export interface PlannedService {
  readonly change: (typeof SERVICE_CHANGES)[number];
  readonly from: Day;
  readonly to?: Day;
  readonly told: number;
}

export interface Person {
  readonly index: number;
  /** Employee code, and name of the account on the platform. */
  readonly code: string;
  readonly names: BothNames;
  readonly language: 'hi' | 'en';
  /** Of those whom some systems know by their address. */
  readonly mail?: string;
  /** False of an identity that belongs to nobody HR knows. */
  readonly known: boolean;
  readonly told: number;
  /** The month whose file links the account to the person; with the person itself when absent. */
  readonly linked?: number;
  readonly branch: Branch;
  /** By the statement of the platform when `said`, else by HR's date. */
  readonly onboarded?: { readonly on: Day; readonly said: boolean };
  readonly postings: readonly PlannedPosting[];
  readonly service: readonly PlannedService[];
  /** First and last day on which they may learn. */
  readonly from: Day;
  readonly to: Day;
  /** Which 7-day programme they are called to. */
  readonly programme?: number;
}

/** A stream of chance of one's own for each person and purpose. */
export function chanceOf(seed: number, index: number, purpose: 'person' | 'learning'): Chance {
  const stream = index * 2 + (purpose === 'person' ? 0 : 1);
  return chance(Math.imul(seed ^ 0x9e37_79b9, 0x85eb_ca6b) ^ Math.imul(stream + 1, 0x9e37_79b1));
}

/** @param index from 0; those from `size.people` on are the unknown */
export function personAt(size: Size, calendar: Calendar, index: number): Person {
  const fortune = chanceOf(size.seed, index, 'person');
  return index < size.people ? employee(size, calendar, index, fortune) : unknown(calendar, index, fortune);
}

function employee(size: Size, calendar: Calendar, index: number, fortune: Chance): Person {
  const { start, yesterday } = calendar;
  const branch = weighted(fortune, BRANCHES, BRANCH_WEIGHTS);
  const staffing = fortune.happens(0.03) ? 'office' : branch.staffing;
  const post = weighted(fortune, POSTS[staffing], POST_WEIGHTS[staffing]!);
  const female = post.women === true || fortune.happens(0.35);
  const joins = fortune.happens(0.05);
  const joined = (joins ? fortune.whole(start, yesterday - 20) : start - fortune.whole(1, 9_000)) as Day;
  const code = `SP${1_000_001 + index}`;

  const service = serviceOf(fortune, calendar, Math.max(joined, start) as Day);
  const ended = service.find(({ change }) => ENDS.includes(change))?.from;
  const to = Math.min(yesterday, (ended ?? calendar.today) - 1) as Day;
  const postings = postingsOf(fortune, calendar, branch, post, joined, to);
  const onboarded = onboarding(fortune, calendar, joined, to);
  const called = (post.group === 'A' || post.group === 'B') && fortune.happens(CALLED_SHARE);
  return {
    index,
    code,
    names: nameOf(fortune, female),
    language: fortune.happens(0.6) ? 'hi' : 'en',
    ...(fortune.happens(0.2) && { mail: `${code.toLowerCase()}@mission.example` }),
    known: true,
    told: joins ? monthOf(calendar, joined) : AT_THE_START,
    ...(fortune.happens(0.015) && { linked: fortune.whole(monthOf(calendar, joined), calendar.months.length - 1) }),
    branch,
    ...(onboarded && { onboarded }),
    postings,
    service,
    from: Math.max(onboarded?.on ?? start, start) as Day,
    to,
    ...(called && { programme: fortune.whole(0, size.programmes - 1) }),
  };
}

/** An account of the platform that no employee has: a guest, a code mistyped. */
function unknown(calendar: Calendar, index: number, fortune: Chance): Person {
  return {
    index,
    code: fortune.happens(0.5) ? `guest-${index}` : `PS${1_000_001 + index}`,
    names: nameOf(fortune, fortune.happens(0.4)),
    language: 'hi',
    known: false,
    told: AT_THE_START,
    branch: fortune.pick(BRANCHES),
    postings: [],
    service: [],
    from: calendar.start,
    to: calendar.yesterday,
  };
}

const ENDS: readonly PlannedService['change'][] = ['retired', 'died', 'resigned', 'dismissed'];

function serviceOf(fortune: Chance, calendar: Calendar, from: Day): PlannedService[] {
  const { yesterday } = calendar;
  const planned: PlannedService[] = [];
  const day = fortune.whole(from, yesterday) as Day;
  const luck = fortune.next();
  if (luck < 0.03) {
    planned.push({
      change: 'leave',
      from: day,
      to: (day + fortune.whole(10, 120)) as Day,
      told: told(fortune, calendar, day),
    });
  } else if (luck < 0.033) planned.push({ change: 'suspension', from: day, told: told(fortune, calendar, day) });
  else if (luck < 0.053) planned.push({ change: 'retired', from: day, told: told(fortune, calendar, day) });
  else if (luck < 0.0545) planned.push({ change: 'died', from: day, told: told(fortune, calendar, day) });
  else if (luck < 0.0585) planned.push({ change: 'resigned', from: day, told: told(fortune, calendar, day) });
  return planned;
}

/** HR's file of the month tells of it; now and then one of a later month. */
function told(fortune: Chance, calendar: Calendar, day: Day): number {
  const late = fortune.happens(0.1) ? fortune.whole(1, 3) : 0;
  return Math.min(monthOf(calendar, day) + late, calendar.months.length - 1);
}

function postingsOf(
  fortune: Chance,
  calendar: Calendar,
  branch: Branch,
  post: Post,
  joined: Day,
  to: Day,
): PlannedPosting[] {
  const { designation, cadre, group } = post;
  const first = Math.max(joined, calendar.start) + 30;
  const at = (where: Branch) => ({ designation, cadre, group, ...placeIn(fortune, where, post) });
  const atFirst = {
    kind: 'substantive' as const,
    ...at(branch),
    from: joined,
    told: joined < calendar.start ? AT_THE_START : monthOf(calendar, joined),
  };
  const luck = fortune.next();
  if (first > to || luck > 0.1) return [atFirst];
  const from = fortune.whole(first, to) as Day;
  const elsewhere = at(luck < 0.04 ? fortune.pick(BRANCHES) : branch);
  const later = { ...elsewhere, from, told: told(fortune, calendar, from) };
  if (luck < 0.015) {
    const ends = fortune.happens(0.6) ? { to: (from + fortune.whole(20, 300)) as Day } : {};
    return [atFirst, { kind: 'deputation', ...later, ...ends }];
  }
  if (luck < 0.022) return [atFirst, { kind: 'additional-charge', ...later }];
  return [
    { ...atFirst, to: (from - 1) as Day },
    { kind: 'substantive', ...later },
  ];
}

function placeIn(fortune: Chance, branch: Branch, { level }: Post): { department: string; district?: string } {
  if (level === 'head' || branch.districts.length === 0) return { department: fortune.pick(branch.heads) };
  const number = fortune.whole(0, branch.districts.length - 1);
  const department = (level === 'office' && branch.offices[number]) || branch.districts[number]!;
  return { department, district: DISTRICTS[number]!.en };
}

/** Half were there before the beginning, and HR has the date; the others registered since. A few never came. */
function onboarding(fortune: Chance, { start, yesterday }: Calendar, joined: Day, to: Day): Person['onboarded'] {
  const luck = fortune.next();
  const early = start - fortune.whole(1, 500);
  const since = fortune.next() ** 1.5;
  if (luck < 0.03) return undefined;
  if (luck < 0.52 && early > joined) return { on: early as Day, said: false };
  const from = Math.max(joined, start);
  const on = (from + Math.floor(since * (yesterday - from + 1))) as Day;
  return on <= to ? { on, said: true } : undefined;
}

const BRANCH_WEIGHTS = sums(BRANCHES);
const POST_WEIGHTS: Readonly<Record<string, readonly number[]>> = Object.fromEntries(
  Object.entries(POSTS).map(([name, posts]) => [name, sums(posts)]),
);

/** Running sums of weights. */
export function sums(entries: readonly { readonly weight: number }[]): readonly number[] {
  let sum = 0;
  return entries.map(({ weight }) => {
    sum += weight;
    return sum;
  });
}

/** An entry, as often as its weight says. */
export function weighted<T>(fortune: Chance, entries: readonly T[], running: readonly number[]): T {
  const at = fortune.next() * running.at(-1)!;
  let low = 0;
  let high = running.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (running[middle]! > at) high = middle;
    else low = middle + 1;
  }
  return entries[low]!;
}
