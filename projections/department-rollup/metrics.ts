// What is counted of a department on a day. The numbers are those of the packed rows: never given to another metric.

/** Counts are learners, unless said otherwise. `ref` is 0, unless said otherwise. */
export const METRICS = {
  /** Posted there; pauses included. */
  strength: 1,
  onboarded: 2,
  active7: 3,
  active30: 4,
  /** In the financial year so far. */
  activeYear: 5,
  /** With at least one course in the state enrolled. */
  enrolled: 6,
  /** With at least one course in the state in-progress. */
  inProgress: 7,
  withCompletion: 8,
  /** Of the strength, those on leave or suspended. */
  paused: 9,
  /** ref: the course. Each learner once a course; credited minutes are these times the course's. */
  completions: 10,
  /** ref: the course. Completions after the first. */
  repeats: 11,
  /** ref: the course. First completions that have a score; sum: the scores × 10,000. */
  scores: 12,
  /** ref: the course. First completions that are implausibly fast. */
  implausible: 13,
  /** ref: the course. Each learner's last rating; sum: the ratings × 10,000. */
  ratings: 14,
  /** ref: the course. In the state enrolled. */
  courseEnrolled: 15,
  /** ref: the course. In the state in-progress. */
  courseInProgress: 16,
  /** ref: the activity. */
  contributed: 17,
  /** ref: the course. Attended every session on whose roster they stand, from the day of the last. */
  attendedAll: 18,
  /** ref: the tag. With at least one completion of a course that has it on the day of the completion. */
  withTag: 19,
  /** ref: the number of the posting's designation and cadre. The strength, and of it the onboarded and those with a completion. */
  cadreStrength: 20,
  cadreOnboarded: 21,
  cadreWithCompletion: 22,
  /** ref: as before. First completions of any course. */
  cadreCompletions: 23,
} as const;

export type Metric = keyof typeof METRICS;
