// The queries as they run on a read worker. What is counted by current knowledge is read in one go; what has to be worked out
// again from learner to learner goes on in several transactions, and other questions are answered in between: R says what
// was known, whatever came since.

import type { ReportBody, ReportName } from '../../../../contracts/http/reports.ts';
import type { AgentKey } from '../../../../contracts/words.ts';
import type { Totals } from '../../../../projections/department-rollup/index.ts';
import { foldedWords } from '../../../../projections/inputs/folding.ts';
import type { NodeNumber, SubjectNumber } from '../../../../projections/inputs/types.ts';
import type { LocalLog } from '../../../event-log/index.ts';
import type { PeopleCheckpoint, PeopleReader } from '../reader.ts';
import { searchWords } from '../search-words.ts';
import { amountsOf, metricsOf, ownAmounts, totalsAt } from './amounts.ts';
import { RecordTimes } from './as-of.ts';
import { briefOf } from './brief.ts';
import { catalogueOn, courseRow, groupsBy, qualityOf } from './courses.ts';
import { departmentRow, learnersAt, placedBelow, rollupRows, treeOf } from './departments.ts';
import { department, summary } from './described.ts';
import { Kept } from './kept.ts';
import {
  details,
  type FoundLearner,
  findLearner,
  progressIn,
  progressRows,
  searchLearners,
  totalsOf,
} from './learners.ts';
import {
  type Answer,
  type Asked,
  type AskedList,
  type MergedInto,
  PeopleNotReady,
  type PeopleQueries,
  type PeopleStatus,
  type ReportCursor,
} from './port.ts';
import { totalsOfCourse } from './quality.ts';
import { unowned } from './scan.ts';
import { happened, timelineRows } from './timeline.ts';
import { unmatchedRow } from './unmatched.ts';
import { nodeWithin, renew, type View, viewOf } from './view.ts';

/** The generation that answers; how it is followed is not the queries' business. */
export interface PeopleModels {
  current(): PeopleReader | undefined;
  /** How far the one that answers, or the one being built, has come. */
  checkpoint(): PeopleStatus;
  close(): void;
}

/** A read transaction is given back after so long, so that others are answered and the file's log can be cut. */
const TRANSACTION_MS = 25;

interface Told<Name extends ReportName> {
  readonly body: ReportBody<Name>;
  /** Where the next page begins, when there is one. */
  readonly after?: number;
}
type Making<Result> = Generator<void, Result>;

export class PeopleReading implements PeopleQueries {
  readonly #models: PeopleModels;
  readonly #times: RecordTimes;
  readonly #kept = new Kept();

  constructor({
    models,
    log,
    record,
  }: { readonly models: PeopleModels; readonly log: LocalLog; readonly record: string }) {
    this.#models = models;
    this.#times = new RecordTimes(log, record);
  }

  async learners(asked: AskedList & { readonly q: string }): Promise<Answer<'learners'>> {
    const words = matching(asked.q);
    return (await this.#answer<'learners'>(asked, function* (view) {
      const exactly = view.reader.numberOfCode(asked.q) ?? view.reader.numberOfIdentity(asked.q as AgentKey);
      if (exactly === undefined && words === '') return { body: { rows: [] } };
      const { rows, after } = yield* searchLearners(view, exactly ?? words, startOf(asked), asked.limit);
      return { body: { rows }, ...(after !== undefined && { after }) };
    }))!;
  }

  learner(asked: Asked & { readonly id: string }): Promise<Answer<'learner'> | MergedInto | undefined> {
    return this.#ofLearner<'learner'>(asked, (view, found) => ({ body: { learner: details(view, found) } }));
  }

  progress(asked: AskedList & { readonly id: string }): Promise<Answer<'progress'> | MergedInto | undefined> {
    return this.#ofLearner<'progress'>(asked, (view, { subject, learner }) => {
      const progress = progressIn(view, learner);
      const { page, after } = pageOf(progress, asked);
      return {
        body: {
          learner: summary(view, subject, learner),
          totals: totalsOf(progress),
          rows: progressRows(view, page),
        },
        ...after,
      };
    });
  }

  timeline(asked: AskedList & { readonly id: string }): Promise<Answer<'timeline'> | MergedInto | undefined> {
    return this.#ofLearner<'timeline'>(asked, (view, found) => {
      const { page, after } = pageOf(happened(view, found), asked);
      return {
        body: { learner: summary(view, found.subject, found.learner), rows: timelineRows(view, page) },
        ...after,
      };
    });
  }

  async departments(asked: AskedList): Promise<Answer<'departments'>> {
    return (await this.#answer<'departments'>(asked, (view) => {
      const { page, after } = pageOf(treeOf(view), asked);
      return { body: { rows: page.map((one) => departmentRow(view, one)) }, ...after };
    }))!;
  }

  rollup(asked: AskedList & { readonly id: string; readonly depth: number }): Promise<Answer<'rollup'> | undefined> {
    const kept = this.#kept;
    return this.#answer<'rollup'>(asked, function* (view) {
      const node = nodeWithin(view, asked.id);
      if (node === undefined) return undefined;
      const own = view.isCurrent ? undefined : yield* kept.once(view, `own ${node}`, () => ownAmounts(view, node));
      const { page, after } = pageOf(placedBelow(view, node, asked.depth), asked);
      return { body: { department: department(view, node), rows: rollupRows(view, page, asked.depth, own) }, ...after };
    });
  }

  rollupBy(
    asked: AskedList & { readonly id: string; readonly by: ReportBody<'rollupBy'>['by'] },
  ): Promise<Answer<'rollupBy'> | undefined> {
    const kept = this.#kept;
    return this.#answer<'rollupBy'>(asked, function* (view) {
      const node = nodeWithin(view, asked.id);
      if (node === undefined) return undefined;
      const totals = yield* totalsOnce(view, node, kept);
      const { page, after } = pageOf(groupsBy(view, asked.by, totals), asked);
      const total = metricsOf(amountsOf(view, totals));
      return { body: { department: department(view, node), by: asked.by, total, rows: page }, ...after };
    });
  }

  departmentLearners(asked: AskedList & { readonly id: string }): Promise<Answer<'departmentLearners'> | undefined> {
    return this.#answer<'departmentLearners'>(asked, function* (view) {
      const node = nodeWithin(view, asked.id);
      if (node === undefined) return undefined;
      const { rows, after } = yield* learnersAt(view, node, startOf(asked), asked.limit);
      return { body: { department: department(view, node), rows }, ...(after !== undefined && { after }) };
    });
  }

  async courses(asked: AskedList): Promise<Answer<'courses'>> {
    return (await this.#answer<'courses'>(asked, (view) => {
      const { page, after } = pageOf(catalogueOn(view), asked);
      return { body: { rows: page.map((one) => courseRow(view, one)) }, ...after };
    }))!;
  }

  quality(asked: Asked & { readonly id: string }): Promise<Answer<'quality'> | undefined> {
    const kept = this.#kept;
    return this.#answer<'quality'>(asked, function* (view) {
      const named = view.world.findActivity(asked.id);
      if (named === undefined) return undefined;
      const course = view.world.courseOf(named, view.on, view.knownAt);
      const totals = yield* kept.once(view, `course ${course}`, () => totalsOfCourse(view, course));
      if (!totals.isNamed && !view.world.courseVersion(course, view.on, view.knownAt)) return undefined;
      return { body: { quality: qualityOf(view, course, totals) } };
    });
  }

  async unmatched(asked: AskedList): Promise<Answer<'unmatched'>> {
    const kept = this.#kept;
    return (await this.#answer<'unmatched'>(asked, function* (view) {
      if (view.reach) return { body: { learners: 0, rows: [] } };
      const found = yield* kept.once(view, 'unmatched', () => unowned(view));
      const start = found.findIndex((subject) => subject > startOf(asked));
      const page = start === -1 ? found.subarray(0, 0) : found.subarray(start, start + asked.limit);
      const isLast = start === -1 || start + asked.limit >= found.length;
      const rows = [...page].map((subject) => unmatchedRow(view, subject as SubjectNumber));
      return { body: { learners: found.length, rows }, ...(!isLast && { after: page.at(-1)! }) };
    }))!;
  }

  brief(asked: Asked & { readonly department?: string }): Promise<Answer<'brief'> | undefined> {
    const kept = this.#kept;
    return this.#answer<'brief'>(asked, function* (view) {
      const id = asked.department ?? asked.within;
      const node = id === undefined ? view.world.roots(view.on, view.knownAt)[0] : nodeWithin(view, id);
      if (node === undefined) return undefined;
      const totals = yield* totalsOnce(view, node, kept);
      return { body: { brief: briefOf(view, node, totals, amountsOf(view, totals)) } };
    });
  }

  async status(): Promise<PeopleStatus> {
    const { sequence, stored } = this.#models.checkpoint();
    return { sequence, stored };
  }

  async close(): Promise<void> {
    this.#models.close();
  }

  async #ofLearner<Name extends 'learner' | 'progress' | 'timeline'>(
    asked: Asked & { readonly id: string; readonly cursor?: ReportCursor },
    tell: (view: View, found: FoundLearner) => Told<Name>,
  ): Promise<Answer<Name> | MergedInto | undefined> {
    let merged: MergedInto | undefined;
    const answer = await this.#answer<Name>(asked, (view) => {
      const found = findLearner(view, asked.id);
      if (found && 'mergedInto' in found) {
        merged = found;
        return undefined;
      }
      return found && tell(view, found);
    });
    return merged ?? answer;
  }

  async #answer<Name extends ReportName>(
    asked: Asked & { readonly cursor?: ReportCursor },
    make: (view: View) => Told<Name> | undefined | Making<Told<Name> | undefined>,
  ): Promise<Answer<Name> | undefined> {
    const question = await this.#times.question(asked);
    let [reader, model] = this.#begin();
    let isReading = true;
    try {
      const moment = this.#times.moment(question, model);
      const view = viewOf(reader, model, this.#times, moment, asked.within);
      const made = make(view);
      if (made === undefined || 'body' in made) return made && told(view, made);
      let since = performance.now();
      for (let step = made.next(); ; step = made.next()) {
        if (step.done) return step.value && told(view, step.value);
        if (performance.now() - since < TRANSACTION_MS) continue;
        reader.end();
        isReading = false;
        await new Promise((resolve) => setImmediate(resolve));
        [reader, model] = this.#begin();
        isReading = true;
        renew(view, reader, model);
        since = performance.now();
      }
    } finally {
      if (isReading) reader.end();
    }
  }

  /** @throws PeopleNotReady */
  #begin(): [PeopleReader, PeopleCheckpoint] {
    const reader = this.#models.current();
    const model = reader?.begin();
    if (model?.derived) return [reader!, model];
    reader?.end();
    throw new PeopleNotReady(model?.sequence ?? this.#models.checkpoint().sequence);
  }
}

function told<Name extends ReportName>({ moment, on }: View, { body, after }: Told<Name>): Answer<Name> {
  const { asOf, knownAt, told: instant } = moment;
  if (after === undefined) return { asOf, body };
  return { asOf, body, next: { on, sequence: knownAt, knownAt: instant, final: asOf.final, after } };
}

/** 0 comes before every subject, and before every row. */
function startOf({ cursor }: AskedList): number {
  return cursor?.after ?? 0;
}

function pageOf<Row>(
  rows: readonly Row[],
  asked: AskedList,
): { readonly page: readonly Row[]; readonly after: { readonly after?: number } } {
  const start = startOf(asked);
  const end = start + asked.limit;
  return { page: rows.slice(start, end), after: end < rows.length ? { after: end } : {} };
}

const IDENTITY = /^(code|mbox|mbox_sha1sum|mailto|openid|account):/;

/** Every word as the beginning of one; an identity is sought as it is kept. */
function matching(q: string): string {
  const words = IDENTITY.test(q) ? searchWords(q, undefined).split(' ') : foldedWords(q);
  return words
    .filter((word) => word !== '')
    .map((word) => `"${word.replaceAll('"', '""')}"*`)
    .join(' ');
}

function* totalsOnce(view: View, node: NodeNumber, kept: Kept): Making<Totals> {
  return view.isCurrent
    ? yield* totalsAt(view, node)
    : yield* kept.once(view, `total ${node}`, () => totalsAt(view, node));
}
