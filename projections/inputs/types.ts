// What the people model is derived from: facts, postings, links and the world around them, each dated both ways. `recorded` is the
// sequence from which it is known, `withdrawn` the sequence from which it is not any more: seen at R iff
// recorded ≤ R < withdrawn. Dates are days, from the first to the last, both included.

import type { Day } from '../../contracts/days.ts';
import type { FactKind } from '../../contracts/facts.ts';

export { FACT_KINDS, type FactKind } from '../../contracts/facts.ts';

declare const brand: unique symbol;
type Branded<Name extends string> = number & { readonly [brand]: Name };

/** A person or an identity, numbered in the order of its first naming in the record. From 1. */
export type SubjectNumber = Branded<'SubjectNumber'>;
/** An activity that was completed, attempted or listed in the catalogue, in the order of its first naming. From 1. */
export type ActivityNumber = Branded<'ActivityNumber'>;
/** A department, in the order in which they were opened. From 1. */
export type NodeNumber = Branded<'NodeNumber'>;
/** A tag, in the order of its first naming. From 1. */
export type TagNumber = Branded<'TagNumber'>;

/** Where those stand who are posted nowhere on a day: unknown people, and people before and after their service. */
export const NOWHERE = 0 as NodeNumber;

export const STANDING = 0xffff_ffff;
export const OPEN_END = 0xffff as Day;
export const OPEN_START = 0 as Day;

export interface Dated {
  readonly recorded: number;
  /** {@link STANDING} while it stands. */
  withdrawn: number;
}

/** What one statement says of one learner and one activity. On the shelf of the identity as sent. */
export interface Fact extends Dated {
  readonly is: 'fact';
  readonly kind: FactKind;
  readonly activity: ActivityNumber;
  /** validAt = min(timestamp, stored), whole seconds since 1970. */
  readonly at: number;
  /** Scaled score (or rating) × 10,000, −10,000 to 10,000. */
  readonly score?: number;
  /** What the statement gives as duration, seconds; at most 65,534. */
  readonly seconds?: number;
}

export interface Posting extends Dated {
  readonly is: 'posting';
  readonly kind: 'substantive' | 'deputation' | 'additional-charge';
  readonly node: NodeNumber;
  /** Number of the interned details; 0: none. */
  readonly details: number;
  readonly from: Day;
  /** {@link OPEN_END} while it lasts. */
  readonly to: Day;
}

export interface Service extends Dated {
  readonly is: 'service';
  readonly change: 'leave' | 'suspension' | 'retired' | 'died' | 'resigned' | 'dismissed';
  readonly from: Day;
  readonly to: Day;
}

export interface Onboarded extends Dated {
  readonly is: 'onboarded';
  readonly on: Day;
}

/** A person's identity, on the person's shelf; and whose it is, on the identity's. */
export interface Link extends Dated {
  readonly is: 'link' | 'owner';
  /** `link`: the identity; `owner`: the person. */
  readonly other: SubjectNumber;
  /** {@link OPEN_START}: from ever on. */
  readonly from: Day;
  readonly to: Day;
}

/** A line of a session's roster, on the person's shelf. */
export interface Attendance extends Dated {
  readonly is: 'attendance';
  /** Number of the session, from 1. */
  readonly session: number;
  readonly attended: boolean;
}

export type Input = Fact | Posting | Service | Onboarded | Link | Attendance;

/** Everything on record about one subject, in the order in which it was recorded. */
export type Inputs = readonly Input[];

// The world: small, held whole.

export interface TreeNode {
  readonly number: NodeNumber;
  readonly id: string;
  readonly kind: string;
  readonly names: readonly (Dated & { readonly hi?: string; readonly en?: string; readonly from: Day })[];
  /** {@link NOWHERE}: a root. From each `from` on, among those known. */
  readonly parents: readonly (Dated & { readonly parent: NodeNumber; readonly from: Day })[];
  readonly opened: Dated & { readonly from: Day };
  /** The last day. */
  readonly closed: readonly (Dated & { readonly to: Day })[];
}

export interface CourseVersion extends Dated {
  readonly kind: string;
  readonly titles: { readonly hi?: string; readonly en?: string };
  readonly provider?: string;
  readonly languages: readonly string[];
  readonly minutes: number;
  readonly tags: readonly TagNumber[];
  readonly aliases: readonly ActivityNumber[];
  readonly supersedes: readonly ActivityNumber[];
  readonly status: 'live' | 'retired' | 'draft';
  readonly from: Day;
}

export interface Course {
  readonly activity: ActivityNumber;
  readonly id: string;
  /** In the order in which they were recorded. */
  readonly versions: readonly CourseVersion[];
}

export interface Session extends Dated {
  readonly number: number;
  readonly id: string;
  readonly course: ActivityNumber;
  readonly institute: string;
  readonly on: Day;
  readonly minutes: number;
}

export interface NationalFigure extends Dated {
  readonly figure: string;
  readonly financialYear: string;
  readonly value: number;
  readonly on: Day;
  readonly source: string;
}
