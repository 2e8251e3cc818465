// Provisional learners: identities that nobody is known to own.

import { dateOf } from '../../../../contracts/days.ts';
import type { ReportRow } from '../../../../contracts/http/reports.ts';
import { dayOfSecond } from '../../../../projections/inputs/learner.ts';
import type { SubjectNumber } from '../../../../projections/inputs/types.ts';
import { shownId } from './described.ts';
import { progressIn, totalsOf } from './learners.ts';
import { learner as learnerOf, type View } from './view.ts';

export function unmatchedRow(view: View, number: SubjectNumber): ReportRow<'unmatched'> {
  const subject = view.reader.subject(number)!;
  const learner = learnerOf(view, number, false);
  const days = learner.facts.map(({ at }) => dayOfSecond(at)).filter((day) => day <= view.on);
  return {
    id: shownId(view, subject),
    identity: subject.key,
    name: subject.names.sent ?? null,
    facts: days.length,
    first: days.length === 0 ? null : dateOf(days[0]!),
    last: days.length === 0 ? null : dateOf(days.at(-1)!),
    totals: totalsOf(progressIn(view, learner)),
  };
}
