// The types of the record's events, apart from their schemas: the threads that read the record load no schema.

export const STATEMENT_RECORDED = 'statement-recorded.v1';
export const RECORD_OPENED = 'record-opened.v1';
export const CLOCK_MOVED = 'clock-moved.v1';
export const LOSS_ACCEPTED = 'loss-accepted.v1';

export const DEPARTMENT_OPENED = 'department-opened.v1';
export const DEPARTMENT_MOVED = 'department-moved.v1';
export const DEPARTMENT_RENAMED = 'department-renamed.v1';
export const DEPARTMENT_CLOSED = 'department-closed.v1';
export const PERSON_RECORDED = 'person-recorded.v1';
export const POSTING_BEGUN = 'posting-begun.v1';
export const POSTING_ENDED = 'posting-ended.v1';
export const POSTING_WITHDRAWN = 'posting-withdrawn.v1';
export const SERVICE_CHANGED = 'service-changed.v1';
export const SERVICE_RESUMED = 'service-resumed.v1';
export const IDENTITY_LINKED = 'identity-linked.v1';
export const IDENTITY_UNLINKED = 'identity-unlinked.v1';
export const COURSE_LISTED = 'course-listed.v1';
export const SESSION_HELD = 'session-held.v1';
export const ROSTER_ENTERED = 'roster-entered.v1';
export const NATIONAL_FIGURE_RECORDED = 'national-figure-recorded.v1';
export const LOAD_BEGUN = 'load-begun.v1';
export const LOAD_COMPLETED = 'load-completed.v1';

const NO_COMMANDS: ReadonlySet<string> = new Set([STATEMENT_RECORDED, RECORD_OPENED, CLOCK_MOVED, LOSS_ACCEPTED]);

/**
 * Whether a command left this event of the record behind. What one command decides rests on those of the others and on nothing else
 * in the record: statements may come in meanwhile.
 */
export function isCommand(type: string): boolean {
  return !NO_COMMANDS.has(type);
}
