// The world around the people: the tree of departments, the catalogue, sessions, national figures, and the numbers of what stands in
// many rows. Small enough to be held whole. A writer applies events to it and takes the rows that changed; a reader loads
// the rows. Everything is dated both ways, and every answer is for a day and for what was known at a sequence.

import { type Day, dayOfDate } from '../../contracts/days.ts';
import {
  COURSE_LISTED,
  DEPARTMENT_CLOSED,
  DEPARTMENT_MOVED,
  DEPARTMENT_OPENED,
  DEPARTMENT_RENAMED,
  NATIONAL_FIGURE_RECORDED,
  SESSION_HELD,
} from '../../contracts/events/names.ts';
import type { PostingDetails, ProgrammeEvent } from '../../contracts/events/programmes.ts';
import { Catalogue } from './catalogue.ts';
import { Figures } from './figures.ts';
import { Interned } from './interning.ts';
import { Sessions } from './sessions.ts';
import { Tree } from './tree.ts';
import type { Membership } from './tree-view.ts';
import type {
  ActivityNumber,
  Course,
  CourseVersion,
  NationalFigure,
  NodeNumber,
  Session,
  TagNumber,
  TreeNode,
} from './types.ts';

export type { Membership } from './tree-view.ts';

export type WorldTable = 'node' | 'course' | 'session' | 'figure' | 'tag' | 'activity' | 'details' | 'cadre';

/** As it is kept: equal worlds have equal rows, byte for byte. */
export interface WorldRow {
  readonly table: WorldTable;
  readonly number: number;
  /** JSON */
  readonly data: string;
}

/** A part of the world, kept in rows of one table. */
interface Kept {
  row(number: number): unknown;
  put(number: number, row: unknown): void;
}

/** What an event touched, of what is worked out from the world. */
export interface Touched {
  /** Departments that were moved: everything below them counts elsewhere. */
  readonly movedNodes: readonly NodeNumber[];
  /** Activities that mean another course now, or whose course is another: its id and every alias that it ever had. */
  readonly touchedActivities: readonly ActivityNumber[];
  readonly touchedSessions: readonly number[];
}

const UNTOUCHED: Touched = { movedNodes: [], touchedActivities: [], touchedSessions: [] };
const DETAILS = ['designation', 'cadre', 'group', 'service', 'batch', 'district'] as const;
const NO_DETAILS = '{}';

function cadreText({ designation, cadre }: PostingDetails): string {
  return JSON.stringify([designation ?? null, cadre ?? null]);
}
const NO_CADRE = cadreText({});

export class World {
  readonly #changes = new Map<WorldTable, Set<number>>();
  readonly #activities = new Interned<ActivityNumber>((number) => this.#changed('activity', number));
  readonly #tags = new Interned<TagNumber>((number) => this.#changed('tag', number));
  readonly #details = new Interned<number>((number) => this.#changed('details', number));
  readonly #detailsRead: PostingDetails[] = [];
  readonly #cadres = new Interned<number>((number) => this.#changed('cadre', number));
  readonly #cadreOf: number[] = [];
  readonly #tree = new Tree((number) => this.#changed('node', number));
  readonly #catalogue = new Catalogue((number) => this.#changed('course', number));
  readonly #sessions = new Sessions((number) => this.#changed('session', number));
  readonly #figures = new Figures((number) => this.#changed('figure', number));
  readonly #parts: { readonly [table in WorldTable]: Kept } = {
    activity: this.#activities,
    cadre: this.#cadres,
    course: this.#catalogue,
    details: this.#details,
    figure: this.#figures,
    node: this.#tree,
    session: this.#sessions,
    tag: this.#tags,
  };
  readonly #sessionsOf = new Map<ActivityNumber, { readonly knownAt: number; readonly sessions: readonly Session[] }>();

  static load(rows: Iterable<WorldRow>): World {
    const world = new World();
    world.put(rows);
    return world;
  }

  /** Takes rows in place of those of the same table and number: what a reader does when they changed. */
  put(rows: Iterable<WorldRow>): void {
    for (const { table, number, data } of rows) this.#parts[table].put(number, JSON.parse(data));
    this.#sessionsOf.clear();
  }

  /** Rows changed since the last call, by table and number. */
  takeChanges(): WorldRow[] {
    const rows: WorldRow[] = [];
    for (const table of [...this.#changes.keys()].sort()) {
      for (const number of [...this.#changes.get(table)!].sort((a, b) => a - b)) {
        rows.push({ table, number, data: JSON.stringify(this.#parts[table].row(number)) });
      }
    }
    this.#changes.clear();
    return rows;
  }

  // Numbers of what is named in many rows.

  /** The number of an activity, given now where it has none. */
  activity(iri: string): ActivityNumber {
    return this.#activities.number(iri);
  }

  findActivity(iri: string): ActivityNumber | undefined {
    return this.#activities.find(iri);
  }

  activityIri(number: ActivityNumber): string {
    return this.#activities.text(number);
  }

  tag(name: string): TagNumber {
    return this.#tags.number(name);
  }

  findTag(name: string): TagNumber | undefined {
    return this.#tags.find(name);
  }

  tagName(number: TagNumber): string {
    return this.#tags.text(number);
  }

  /** 0: no details. */
  details(details: PostingDetails): number {
    const text = JSON.stringify(Object.fromEntries(DETAILS.map((detail) => [detail, details[detail]])));
    if (text === NO_DETAILS) return 0;
    const known = this.#details.find(text);
    if (known !== undefined) return known;
    const cadre = cadreText(details);
    if (cadre !== NO_CADRE) this.#cadres.number(cadre);
    return this.#details.number(text);
  }

  detailsAt(number: number): PostingDetails {
    if (number === 0) return {};
    this.#detailsRead[number] ??= JSON.parse(this.#details.text(number)) as PostingDetails;
    return this.#detailsRead[number];
  }

  /** The number of the designation and cadre that the details name; 0: neither. */
  cadreOf(details: number): number {
    if (details === 0) return 0;
    this.#cadreOf[details] ??= this.#cadres.find(cadreText(this.detailsAt(details))) ?? 0;
    return this.#cadreOf[details];
  }

  cadreAt(number: number): Pick<PostingDetails, 'designation' | 'cadre'> {
    if (number === 0) return {};
    const [designation, cadre] = JSON.parse(this.#cadres.text(number)) as [
      string | null,
      PostingDetails['cadre'] | null,
    ];
    return { ...(designation !== null && { designation }), ...(cadre && { cadre }) };
  }

  // The tree.

  findNode(id: string): NodeNumber | undefined {
    return this.#tree.find(id);
  }

  node(number: NodeNumber): TreeNode {
    return this.#tree.node(number);
  }

  /** In the order in which they were opened, closed ones too. */
  nodes(): Iterable<TreeNode> {
    return this.#tree.nodes();
  }

  /** NOWHERE: a root. Before its opening a department stands where it was opened; closing does not take it away. */
  parentOn(number: NodeNumber, day: Day, knownAt: number): NodeNumber {
    return this.#tree.view(knownAt).parentOn(number, day);
  }

  /** Closed and not yet opened ones too, so that what is counted there adds up: see {@link isOpenOn}. */
  childrenOn(number: NodeNumber, day: Day, knownAt: number): readonly NodeNumber[] {
    return this.#tree.view(knownAt).childrenOn(number, day);
  }

  roots(day: Day, knownAt: number): readonly NodeNumber[] {
    return this.#tree.view(knownAt).rootsOn(day);
  }

  /** Itself first. Empty where it was not known. */
  belowOn(number: NodeNumber, day: Day, knownAt: number): readonly NodeNumber[] {
    return this.#tree.view(knownAt).belowOn(number, day);
  }

  /** From the root down to itself. Empty where it was not known. */
  pathOn(number: NodeNumber, day: Day, knownAt: number): readonly NodeNumber[] {
    return this.#tree.view(knownAt).pathOn(number, day);
  }

  /** When it stood below each ancestor, or was it. Empty where it was not known. */
  memberships(number: NodeNumber, knownAt: number): readonly Membership[] {
    return this.#tree.view(knownAt).membershipsOf(number);
  }

  isOpenOn(number: NodeNumber, day: Day, knownAt: number): boolean {
    return this.#tree.isOpenOn(number, day, knownAt);
  }

  namesOn(number: NodeNumber, day: Day, knownAt: number): { readonly hi?: string; readonly en?: string } {
    return this.#tree.namesOn(number, day, knownAt);
  }

  // The catalogue, sessions and figures.

  course(activity: ActivityNumber): Course | undefined {
    return this.#catalogue.course(activity);
  }

  courses(): Iterable<Course> {
    return this.#catalogue.courses();
  }

  /** The course that an activity means on a day: itself, one of which it is an alias, or itself where nothing lists it. */
  courseOf(activity: ActivityNumber, day: Day, knownAt: number): ActivityNumber {
    return this.#catalogue.courseOf(activity, day, knownAt);
  }

  courseVersion(course: ActivityNumber, day: Day, knownAt: number): CourseVersion | undefined {
    return this.#catalogue.version(course, day, knownAt);
  }

  findSession(id: string): number | undefined {
    return this.#sessions.find(id);
  }

  /** All accounts of it, in the order in which they were recorded. */
  session(number: number): readonly Session[] {
    return this.#sessions.session(number);
  }

  sessionAt(number: number, knownAt: number): Session | undefined {
    return this.#sessions.at(number, knownAt);
  }

  /** Those of a course, under whichever of its names, by number. */
  sessionsOf(course: ActivityNumber, knownAt: number): readonly Session[] {
    const kept = this.#sessionsOf.get(course);
    if (kept?.knownAt === knownAt) return kept.sessions;
    const sessions = [...this.#sessions.ofActivities(this.#catalogue.spellings(course), knownAt)].filter(
      (session) => this.courseOf(session.course, session.on, knownAt) === course,
    );
    this.#sessionsOf.set(course, { knownAt, sessions });
    return sessions;
  }

  /** All that were ever recorded, in that order. */
  figures(): readonly NationalFigure[] {
    return this.#figures.all();
  }

  /** The last one up to a day, of a financial year. */
  figureOn(figure: string, financialYear: string, day: Day, knownAt: number): NationalFigure | undefined {
    return this.#figures.on(figure, financialYear, day, knownAt);
  }

  /**
   * Applies an event about the tree, the catalogue, sessions or figures; others touch nothing. `recorded` is the sequence from
   * which it is known, never lower than that of the call before. What names something unknown
   * changes nothing: commands refuse it before it is recorded. They see to it as well that, with all that is known from
   * a sequence on, no department stands below itself; one event of a file at a time that cannot be told.
   */
  apply(event: ProgrammeEvent, recorded: number): Touched {
    switch (event.type) {
      case DEPARTMENT_OPENED:
        this.#tree.open(event.data, theDay(event.data.from), recorded);
        return UNTOUCHED;
      case DEPARTMENT_MOVED: {
        const moved = this.findNode(event.data.id);
        const parent = this.findNode(event.data.parent);
        if (moved === undefined || parent === undefined) return UNTOUCHED;
        this.#tree.move(moved, parent, theDay(event.data.from), recorded);
        return { ...UNTOUCHED, movedNodes: [moved] };
      }
      case DEPARTMENT_RENAMED:
        this.#tree.rename(event.data.id, event.data.names, theDay(event.data.from), recorded);
        return UNTOUCHED;
      case DEPARTMENT_CLOSED:
        this.#tree.close(event.data.id, theDay(event.data.to), recorded);
        return UNTOUCHED;
      case COURSE_LISTED: {
        const from = event.data.from === undefined ? undefined : theDay(event.data.from);
        const touchedActivities = this.#catalogue.list(event.data, from, recorded, this);
        this.#sessionsOf.clear();
        return { ...UNTOUCHED, touchedActivities };
      }
      case SESSION_HELD:
        return this.#hold(event.data, recorded);
      case NATIONAL_FIGURE_RECORDED:
        this.#figures.record(event.data, theDay(event.data.on), recorded);
        return UNTOUCHED;
      default:
        return UNTOUCHED;
    }
  }

  #hold(held: Extract<ProgrammeEvent, { type: typeof SESSION_HELD }>['data'], recorded: number): Touched {
    const { id, institute, minutes = 0 } = held;
    const session = { id, course: this.activity(held.course), institute, minutes };
    const number = this.#sessions.hold(session, theDay(held.on), recorded);
    this.#sessionsOf.clear();
    return { ...UNTOUCHED, touchedSessions: [number] };
  }

  #changed(table: WorldTable, number: number): void {
    const numbers = this.#changes.get(table);
    if (numbers) numbers.add(number);
    else this.#changes.set(table, new Set([number]));
  }
}

/** The contract lets no other date through. */
function theDay(date: string): Day {
  const day = dayOfDate(date);
  if (day === undefined) throw new RangeError(`${date} is no date.`);
  return day;
}
