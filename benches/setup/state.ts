// A made-up state for the bench of people: its tree of departments, its catalogue, and where each of its people is posted. Seeded;
// the size of Uttar Pradesh at scale 1. The tree and the catalogue are the same at every scale: it is the people who become more.

import type { z } from 'zod';
import type { CourseListed, DEPARTMENT_KINDS, departmentOpened, Names } from '../../contracts/events/index.ts';
import { courseId, randomNumbers } from './load.ts';

export const DEPARTMENTS = 63;
const DIVISIONS = 18;
const DISTRICTS = 75;
export const COURSES_LISTED = 4_000;
/** Registering on it is onboarding. */
export const PLATFORM = 'https://learning.example.gov.in/';

/** At scale 1; everything else follows from these. */
export const AT_SCALE_1 = {
  people: 1_880_000,
  registrations: 1_000_000,
  completions: 7_200_000,
  launches: 60_000,
} as const;
export const VOIDED_SHARE = 0.005;
export const TRANSFERRED_SHARE = 0.01;
export const LATE_SHARE = 0.02;
/** Completions of identities that nobody has named. */
export const UNKNOWN_SHARE = 0.002;

export type Opened = z.infer<typeof departmentOpened>;

export interface Node {
  readonly opened: Opened;
  /** Place in the list, of it and of what it is below. */
  readonly number: number;
  readonly department: number;
}

export interface State {
  /** Parents come before children. */
  readonly nodes: readonly Node[];
  readonly courses: readonly CourseListed[];
  /** The node of a person, drawn with the skew of the state. */
  drawNode(random: () => number): Node;
}

const FROM = '2015-04-01';

/** The n-th largest department has about 1/n of the people of the largest: 4 lakh, 2 lakh … 6,300. */
export function makeState(seed: number): State {
  const nodes: Node[] = [];
  const add = (
    id: string,
    kind: (typeof DEPARTMENT_KINDS)[number],
    parent: Node | undefined,
    department: number,
  ): Node => {
    const opened: Opened = {
      id,
      kind,
      names: namesOf(kind, id),
      from: FROM,
      ...(parent && { parent: parent.opened.id }),
    };
    const node = { opened, number: nodes.length, department };
    nodes.push(node);
    return node;
  };
  const root = add('ST', 'state', undefined, -1);
  const posts: Post[][] = [];
  for (let n = 0; n < DEPARTMENTS; n++) {
    const department = add(`D${n + 1}`, 'department', root, n);
    posts.push(postsOf(department, n, add));
  }
  const largest = posts.map((_, n) => 1 / (n + 1));
  const department = drawFrom(largest);
  const places = posts.map((of) => ({ of, draw: drawFrom(of.map(({ weight }) => weight)) }));
  return {
    nodes,
    courses: makeCourses(randomNumbers(seed)),
    drawNode(random) {
      const { of, draw } = places[department(random)]!;
      return of[draw(random)]!.node;
    },
  };
}

interface Post {
  readonly node: Node;
  readonly weight: number;
}

/** What is below a department and where its people sit: most of them in offices of districts, the large towns having more. */
function postsOf(
  department: Node,
  n: number,
  add: (id: string, kind: (typeof DEPARTMENT_KINDS)[number], parent: Node, department: number) => Node,
): Post[] {
  const id = department.opened.id;
  const posts: Post[] = [{ node: department, weight: 0.01 }];
  const heads = Array.from({ length: n < 8 ? 3 : n < 25 ? 2 : 1 }, (_, i) =>
    add(`${id}.${i + 1}`, i === 2 ? 'corporation' : 'directorate', department, n),
  );
  for (const head of heads) posts.push({ node: head, weight: 0.04 / heads.length });
  const field = heads[0]!;
  const divisions = Array.from({ length: DIVISIONS }, (_, i) => add(`${id}.V${i + 1}`, 'division', field, n));
  for (const division of divisions) posts.push({ node: division, weight: (n < 25 ? 0.05 : 0.95) / DIVISIONS });
  if (n >= 25) return posts;
  const offices = n < 8 ? 6 : 2;
  for (let i = 0; i < DISTRICTS; i++) {
    const district = add(`${id}.T${i + 1}`, 'district', divisions[i % DIVISIONS]!, n);
    const share = (0.9 / DISTRICTS) * (i < 10 ? 3 : 0.7);
    posts.push({ node: district, weight: share * 0.2 });
    for (let o = 0; o < offices; o++) {
      posts.push({ node: add(`${id}.T${i + 1}.${o + 1}`, 'office', district, n), weight: (share * 0.8) / offices });
    }
  }
  return posts;
}

function namesOf(kind: string, id: string): Names {
  return { hi: `${HINDI[kind]} ${id}`, en: `${kind[0]!.toUpperCase()}${kind.slice(1)} ${id}` };
}

const HINDI: Readonly<Record<string, string>> = {
  state: 'राज्य',
  department: 'विभाग',
  directorate: 'निदेशालय',
  corporation: 'निगम',
  division: 'मण्डल',
  district: 'जनपद',
  office: 'कार्यालय',
};

/** Draws an index with the given weights. */
function drawFrom(weights: readonly number[]): (random: () => number) => number {
  let total = 0;
  const upTo = weights.map((weight) => {
    total += weight;
    return total;
  });
  return (random) => {
    const wanted = random() * total;
    let low = 0;
    let high = upTo.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (upTo[middle]! > wanted) high = middle;
      else low = middle + 1;
    }
    return low;
  };
}

const TAGS = ['behavioural', 'functional', 'domain', 'finance', 'law', 'health', 'policing', 'revenue', 'e-office'];
const LANGUAGES = ['hi', 'en', 'ur', 'bn', 'mr', 'pa'];

function makeCourses(random: () => number): CourseListed[] {
  const of = <T>(list: readonly T[]): T => list[Math.floor(list.length * random() ** 2)]!;
  const platform: CourseListed = {
    id: PLATFORM,
    kind: 'platform',
    titles: { hi: 'मिशन अधिगम', en: 'Mission Learning' },
    languages: ['hi', 'en'],
    tags: [],
    aliases: [],
    supersedes: [],
    status: 'live',
  };
  const courses = Array.from({ length: COURSES_LISTED }, (_, n): CourseListed => {
    const tags = new Set([of(TAGS), of(TAGS)]);
    if (random() < 0.05) tags.add('ai');
    if (random() < 0.04) tags.add('cyber-security');
    return {
      id: courseId(n),
      kind: random() < 0.02 ? 'case-study' : random() < 0.05 ? 'assessment' : 'course',
      titles: { hi: `पाठ्यक्रम ${n}`, en: `Course ${n}` },
      provider: `D${1 + Math.floor(DEPARTMENTS * random() ** 2)}`,
      languages: [...new Set([of(LANGUAGES), of(LANGUAGES)])],
      minutes: 20 + Math.floor(random() * 300),
      tags: [...tags],
      aliases: n % 10 === 0 ? [`${courseId(n)}/old`] : [],
      supersedes: [],
      status: n % 40 === 0 ? 'retired' : 'live',
    };
  });
  return [platform, ...courses];
}
