// What may be asked of the people model: learners, departments, courses, on any day, as known at any time. Answers come from
// read workers and have the shapes of contracts/http/reports.ts; `http/` only writes them out.

import type { Day } from '../../../../contracts/days.ts';
import type { AsOf, Grouping, ReportBody, ReportName } from '../../../../contracts/http/reports.ts';
import type { Microseconds, Sequence } from '../../../../contracts/words.ts';
import type { KnownAt } from '../../../audit/known-at.ts';

export interface Asked {
  /** Default: the day of `knownAt`. It may lie in the future. */
  readonly on?: Day;
  /** Default: now, all that the model has seen. */
  readonly knownAt?: KnownAt;
  /**
   * Id of the department to whose subtree, by today's tree, the asker is limited: learners are seen whose primary posting on
   * the day lies in it, departments that are of it. A department that does not exist: nothing is seen.
   */
  readonly within?: string;
}

/**
 * Where the page before ended, and what the first page was asked as: pages hold together while statements arrive. It stands
 * for `on` and `knownAt`; the rest is asked again with it.
 */
export interface ReportCursor {
  readonly on: Day;
  readonly sequence: Sequence;
  /** As the first page told it. */
  readonly knownAt: Microseconds | null;
  readonly final: boolean;
  /** The last row handed over, in the terms of the list: a number of rows, or of a subject. */
  readonly after: number;
}

export interface AskedList extends Asked {
  /** At least 1. */
  readonly limit: number;
  readonly cursor?: ReportCursor;
}

export interface Answer<Name extends ReportName> {
  readonly asOf: AsOf;
  readonly body: ReportBody<Name>;
  /** Present when there are more rows. */
  readonly next?: ReportCursor;
}

/** The learner was merged into another one, who is to be asked for. */
export interface MergedInto {
  readonly mergedInto: string;
}

export interface PeopleStatus {
  /** How far the model has gone; -1: nothing yet. */
  readonly sequence: Sequence;
  readonly stored: Microseconds;
}

/** `undefined`: there is no such learner, department or course, or it lies outside `within`. @throws PeopleNotReady */
export interface PeopleQueries {
  /** By name, code or identity, spellings folded; ordered by learner id. */
  learners(asked: AskedList & { readonly q: string }): Promise<Answer<'learners'>>;
  learner(asked: Asked & { readonly id: string }): Promise<Answer<'learner'> | MergedInto | undefined>;
  progress(asked: AskedList & { readonly id: string }): Promise<Answer<'progress'> | MergedInto | undefined>;
  timeline(asked: AskedList & { readonly id: string }): Promise<Answer<'timeline'> | MergedInto | undefined>;
  departments(asked: AskedList): Promise<Answer<'departments'>>;
  rollup(asked: AskedList & { readonly id: string; readonly depth: number }): Promise<Answer<'rollup'> | undefined>;
  rollupBy(asked: AskedList & { readonly id: string; readonly by: Grouping }): Promise<Answer<'rollupBy'> | undefined>;
  departmentLearners(asked: AskedList & { readonly id: string }): Promise<Answer<'departmentLearners'> | undefined>;
  courses(asked: AskedList): Promise<Answer<'courses'>>;
  /** Of everybody; with `within`, of those posted in that subtree. `id`: the course or one of its aliases. */
  quality(asked: Asked & { readonly id: string }): Promise<Answer<'quality'> | undefined>;
  /** Nobody provisional is posted anywhere: with `within` the list is empty. */
  unmatched(asked: AskedList): Promise<Answer<'unmatched'>>;
  /** `department` defaults to `within`, else to the root (the first one opened). */
  brief(asked: Asked & { readonly department?: string }): Promise<Answer<'brief'> | undefined>;
  status(): Promise<PeopleStatus>;
  close(): Promise<void>;
}

/** What may be asked, by name: the calls that go to a read worker. */
export const PEOPLE_QUESTIONS = [
  'learners',
  'learner',
  'progress',
  'timeline',
  'departments',
  'rollup',
  'rollupBy',
  'departmentLearners',
  'courses',
  'quality',
  'unmatched',
  'brief',
  'status',
] as const satisfies readonly Exclude<keyof PeopleQueries, 'close'>[];
export type PeopleQuestion = (typeof PEOPLE_QUESTIONS)[number];

/** There is no people model to ask: it is being built, by itself, after an upgrade or because it was deleted. 503 until then. */
export class PeopleNotReady extends Error {
  override readonly name = 'PeopleNotReady';
  /** How far the building has come. */
  readonly sequence: Sequence;
  constructor(sequence: Sequence) {
    super(`the people model is being built; it has come to sequence ${sequence}`);
    this.sequence = sequence;
  }
}
