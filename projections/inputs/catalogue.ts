// The catalogue: what each course was said to be, from which day on and known from when; and which course an activity means.

import type { Day } from '../../contracts/days.ts';
import type { CourseListed } from '../../contracts/events/programmes.ts';
import { holdingOn, isSeenAt } from './knowledge.ts';
import { inOrder } from './tree.ts';
import { type ActivityNumber, type Course, type CourseVersion, OPEN_START, STANDING, type TagNumber } from './types.ts';

interface Numbering {
  activity(iri: string): ActivityNumber;
  tag(name: string): TagNumber;
}

export class Catalogue {
  readonly #courses = new Map<ActivityNumber, Course>();
  /** The courses that at some time named an activity as their alias, by number. */
  readonly #claims = new Map<ActivityNumber, readonly ActivityNumber[]>();
  readonly #changed: (course: ActivityNumber) => void;
  #listing: readonly Course[] | undefined;

  constructor(changed: (course: ActivityNumber) => void) {
    this.#changed = changed;
  }

  course(activity: ActivityNumber): Course | undefined {
    return this.#courses.get(activity);
  }

  /** In the order of their numbers. */
  courses(): readonly Course[] {
    this.#listing ??= [...this.#courses.values()].sort((a, b) => a.activity - b.activity);
    return this.#listing;
  }

  row(activity: ActivityNumber): Course {
    return this.#courses.get(activity)!;
  }

  put(activity: ActivityNumber, course: Course): void {
    this.#courses.set(activity, course);
    this.#listing = undefined;
    for (const { aliases } of course.versions) {
      for (const alias of aliases) {
        const claims = this.#claims.get(alias) ?? [];
        if (claims.includes(activity)) continue;
        this.#claims.set(
          alias,
          [...claims, activity].sort((a, b) => a - b),
        );
      }
    }
  }

  /** The activities whose meaning may have changed: the course and every alias that it ever had. */
  list(listed: CourseListed, from: Day | undefined, recorded: number, numbering: Numbering): readonly ActivityNumber[] {
    const activity = numbering.activity(listed.id);
    const version: CourseVersion = {
      kind: listed.kind,
      titles: inOrder(listed.titles),
      ...(listed.provider !== undefined && { provider: listed.provider }),
      languages: [...new Set(listed.languages)],
      minutes: listed.minutes ?? 0,
      tags: [...new Set(listed.tags.map((tag) => numbering.tag(tag)))],
      aliases: [...new Set(listed.aliases.map((alias) => numbering.activity(alias)))].filter((a) => a !== activity),
      supersedes: [...new Set(listed.supersedes.map((course) => numbering.activity(course)))],
      status: listed.status,
      from: from ?? OPEN_START,
      recorded,
      withdrawn: STANDING,
    };
    const versions = [...(this.#courses.get(activity)?.versions ?? []), version];
    this.put(activity, { activity, id: listed.id, versions });
    this.#changed(activity);
    return this.spellings(activity);
  }

  /** The course itself and every alias that it ever had, by number. */
  spellings(course: ActivityNumber): readonly ActivityNumber[] {
    const aliases = this.#courses.get(course)?.versions.flatMap((version) => version.aliases) ?? [];
    return [...new Set([course, ...aliases])].sort((a, b) => a - b);
  }

  version(course: ActivityNumber, day: Day, knownAt: number): CourseVersion | undefined {
    const versions = this.#courses.get(course)?.versions;
    return versions && holdingOn(versions, day, knownAt);
  }

  /**
   * What is listed means itself, even where another course names it as an alias. Of two courses that name the same alias the
   * one whose entry has begun by the day has it, so that an alias that goes from one to the other leaves the past where it was;
   * then the one whose entry was recorded last; of two recorded at once, the one with the lower number.
   */
  courseOf(activity: ActivityNumber, day: Day, knownAt: number): ActivityNumber {
    if (this.#courses.get(activity)?.versions.some((version) => isSeenAt(version, knownAt))) return activity;
    const claims = this.#claims.get(activity);
    if (!claims) return activity;
    let found = activity;
    let best: CourseVersion | undefined;
    for (const course of claims) {
      const version = this.version(course, day, knownAt);
      if (!version?.aliases.includes(activity)) continue;
      const hasBegun = version.from <= day;
      const isBetter = best && hasBegun === best.from <= day ? version.recorded > best.recorded : hasBegun || !best;
      if (!isBetter) continue;
      found = course;
      best = version;
    }
    return found;
  }
}
