// Courses, sessions and national figures: what is wanted on record, less what is there already.

import { type Day, dateOf } from '../../contracts/days.ts';
import { COURSE_LISTED, NATIONAL_FIGURE_RECORDED, SESSION_HELD } from '../../contracts/events/names.ts';
import type { CourseListed, ProgrammeEvent } from '../../contracts/events/programmes.ts';
import { type CourseVersion, OPEN_START, STANDING } from '../../projections/inputs/types.ts';
import type { World } from '../../projections/inputs/world.ts';
import { type Refuse, theDay } from './people.ts';

type CatalogueType = typeof COURSE_LISTED | typeof SESSION_HELD | typeof NATIONAL_FIGURE_RECORDED;
export type CatalogueEvent = Extract<ProgrammeEvent, { readonly type: CatalogueType }>;

export interface WantedEntry {
  readonly line?: number;
  readonly event: CatalogueEvent;
}

/** All that is known: nothing is ever recorded at so high a sequence. */
const NOW = STANDING - 1;

export function decideCatalogue(world: World, wanted: readonly WantedEntry[], refuse: Refuse): ProgrammeEvent[] {
  const said = new Map<string, number | undefined>();
  const listedHere = new Set<string>();
  const aliases = new Map<string, string>();
  for (const { event } of wanted) if (event.type === COURSE_LISTED) listedHere.add(event.data.id);
  const isListed = (iri: string): boolean => {
    const activity = world.findActivity(iri);
    return listedHere.has(iri) || (activity !== undefined && world.course(activity) !== undefined);
  };
  const fits = (line: number | undefined, course: CourseListed): boolean => {
    const unknown = course.supersedes.find((iri) => !isListed(iri));
    if (unknown !== undefined) refuse(line, 'supersedes', `there is no course ${unknown}`);
    const taken = course.aliases.find((alias) => {
      if (alias === course.id) return false;
      const owner = aliases.get(alias) ?? (isListed(alias) ? alias : ownerOf(world, alias, course, listedHere));
      aliases.set(alias, owner ?? course.id);
      return owner !== undefined && owner !== course.id;
    });
    if (taken !== undefined) refuse(line, 'aliases', `${taken} is another course, or an alias of one`);
    return unknown === undefined && taken === undefined;
  };
  return wanted.flatMap(({ line, event }): ProgrammeEvent[] => {
    const [key, words] = nameOf(event);
    if (said.has(key)) {
      const before = said.get(key);
      refuse(line, event.type === NATIONAL_FIGURE_RECORDED ? 'figure' : 'id', `${words} is ${place(before)} already`);
      return [];
    }
    said.set(key, line);
    switch (event.type) {
      case COURSE_LISTED:
        return fits(line, event.data) && !isCourseKnown(world, event.data) ? [event] : [];
      case SESSION_HELD:
        if (!isOfCourse(world, event.data.course, theDay(event.data.on))) {
          refuse(line, 'course', `there is no course ${event.data.course}`);
          return [];
        }
        return isSessionKnown(world, event.data) ? [] : [event];
      case NATIONAL_FIGURE_RECORDED: {
        const { financialYear, on } = event.data;
        const [year, next] = financialYear.split('-').map(Number) as [number, number];
        if ((year + 1) % 100 !== next) refuse(line, 'financial_year', `${financialYear} is not a financial year`);
        if (Number(on.slice(0, 4)) < year) refuse(line, 'on', `${on} lies before the financial year ${financialYear}`);
        return isFigureKnown(world, event.data) ? [] : [event];
      }
    }
    return [];
  });
}

const place = (line: number | undefined): string => (line === undefined ? 'named' : `on line ${line}`);

/** What must be said once only, and how it is called. */
function nameOf({ type, data }: CatalogueEvent): readonly [key: string, words: string] {
  switch (type) {
    case COURSE_LISTED:
      return [`${data.id} ${data.from ?? ''}`, data.from ? `course ${data.id} from ${data.from}` : `course ${data.id}`];
    case SESSION_HELD:
      return [data.id, `session ${data.id}`];
    case NATIONAL_FIGURE_RECORDED: {
      const words = `${data.figure} of ${data.financialYear} on ${data.on}`;
      return [words, words];
    }
  }
}

/** The course that names an alias so far, unless its entry is made anew here. */
function ownerOf(world: World, alias: string, { from }: CourseListed, anew: ReadonlySet<string>): string | undefined {
  const activity = world.findActivity(alias);
  if (activity === undefined) return undefined;
  const owner = world.courseOf(activity, from === undefined ? OPEN_START : theDay(from), NOW);
  const id = world.activityIri(owner);
  return owner === activity || anew.has(id) ? undefined : id;
}

function isOfCourse(world: World, iri: string, day: Day): boolean {
  const activity = world.findActivity(iri);
  return activity !== undefined && world.course(world.courseOf(activity, day, NOW)) !== undefined;
}

function isCourseKnown(world: World, wanted: CourseListed): boolean {
  const activity = world.findActivity(wanted.id);
  const course = activity === undefined ? undefined : world.course(activity);
  const from = wanted.from === undefined ? OPEN_START : theDay(wanted.from);
  const there = course?.versions.findLast((version) => version.from === from && version.withdrawn === STANDING);
  return there !== undefined && entry(listed(world, wanted.id, there)) === entry(wanted);
}

function listed(world: World, id: string, version: CourseVersion): CourseListed {
  const iris = (activities: CourseVersion['aliases']) => activities.map((activity) => world.activityIri(activity));
  return {
    id,
    kind: version.kind as CourseListed['kind'],
    titles: version.titles,
    ...(version.provider !== undefined && { provider: version.provider }),
    languages: [...version.languages],
    minutes: version.minutes,
    tags: version.tags.map((tag) => world.tagName(tag)),
    aliases: iris(version.aliases),
    supersedes: iris(version.supersedes),
    status: version.status,
    ...(version.from !== OPEN_START && { from: dateOf(version.from) }),
  };
}

/** Two entries that say the same have the same text. */
function entry({
  id,
  kind,
  titles,
  provider,
  languages,
  minutes,
  tags,
  aliases,
  supersedes,
  status,
}: CourseListed): string {
  const others = aliases.filter((alias) => alias !== id);
  const lists = [languages, tags, others, supersedes].map((list) => [...new Set(list)].sort());
  return JSON.stringify([kind, titles.hi, titles.en, provider, minutes ?? 0, status, ...lists]);
}

function isSessionKnown(world: World, wanted: Extract<CatalogueEvent, { type: typeof SESSION_HELD }>['data']): boolean {
  const number = world.findSession(wanted.id);
  const there = number === undefined ? undefined : world.sessionAt(number, NOW);
  return (
    there !== undefined &&
    world.activityIri(there.course) === wanted.course &&
    there.institute === wanted.institute &&
    there.on === theDay(wanted.on) &&
    there.minutes === (wanted.minutes ?? 0)
  );
}

function isFigureKnown(
  world: World,
  {
    figure,
    financialYear,
    value,
    on,
    source,
  }: Extract<CatalogueEvent, { type: typeof NATIONAL_FIGURE_RECORDED }>['data'],
): boolean {
  const day = theDay(on);
  return world
    .figures()
    .some(
      (there) =>
        there.withdrawn === STANDING &&
        there.figure === figure &&
        there.financialYear === financialYear &&
        there.on === day &&
        there.value === value &&
        there.source === source,
    );
}
