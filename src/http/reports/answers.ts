// How the answer of a report is written: JSON with a link to what follows, CSV row by row, or the brief as a page or as text.

import type { Request, Response } from 'express';
import type { z } from 'zod';
import { type AsOf, type Brief, REPORTS, type ReportName, USUAL_ROWS } from '../../../contracts/http/reports.ts';
import type { MergedInto, ReportCursor } from '../../read-models/people/queries/port.ts';
import { sharedByRooms } from '../exchange.ts';
import { HttpProblem } from '../problem.ts';
import { written } from '../written.ts';
import type { Wanted } from './asked.ts';
import { briefPage, briefText, PAGE_SECURITY } from './brief.ts';
import { BYTE_ORDER_MARK, columnsOf, headLine, rowLine } from './csv.ts';
import { moreToken } from './more.ts';

/** The answer of a report, whichever it is: here it is only written. */
export interface Page {
  readonly asOf: AsOf;
  readonly body: { readonly rows?: readonly unknown[] };
  readonly next?: ReportCursor;
}
export type Found = Page | MergedInto;

export interface Answering {
  readonly report: ReportName;
  readonly wanted: Wanted;
  /** Of the request, as clients of ours see it behind no proxy. */
  readonly path: string;
  /** Asks for so many rows, from where the request or the page before says. */
  readonly ask: (limit: number, from?: ReportCursor) => Promise<Found>;
}

/** Rows read at once. */
const CSV_PAGE = 500;
/** Characters written at once: a row is too little for a system call of its own. */
const CSV_PIECE = 16_384;

export async function answerReport(answering: Answering, request: Request, response: Response): Promise<void> {
  const { report, wanted, path, ask } = answering;
  const format = wanted.format ?? formatAccepted(report, request);
  const csv = format === 'csv';
  const most = wanted.limit ?? (csv ? Number.POSITIVE_INFINITY : USUAL_ROWS);
  const found = await ask(csv ? Math.min(CSV_PAGE, most) : most);
  response.vary('Accept');
  if ('mergedInto' in found) {
    redirect(found, answering, request, response);
    return;
  }
  sayAsOf(response, found.asOf);
  switch (format) {
    case 'csv':
      await writeCsv(answering, found, most, request, response);
      break;
    case 'html':
    case 'text': {
      const { brief } = found.body as { readonly brief: Brief };
      const language = wanted.own.language === 'en' ? 'en' : 'hi';
      const page = format === 'html';
      if (page) response.setHeader('Content-Security-Policy', PAGE_SECURITY);
      response.type(page ? 'html' : 'text/plain');
      response.send((page ? briefPage : briefText)(brief, found.asOf, language));
      break;
    }
    default: {
      const { publicPath } = sharedByRooms(request);
      const more =
        found.next === undefined
          ? ''
          : `${publicPath}${path}?cursor=${moreToken({ path, parameters: wanted.parameters, cursor: found.next })}`;
      response.json({ asOf: found.asOf, ...found.body, ...(found.body.rows && { more }) });
    }
  }
}

/** What the client would rather have of what the report offers; JSON, where it does not say. */
function formatAccepted(report: ReportName, request: Request): string {
  if (report === 'brief') return request.accepts(['json', 'html', 'text']) || 'json';
  return 'rows' in REPORTS[report] ? request.accepts(['json', 'csv']) || 'json' : 'json';
}

/** A learner that was merged into another one has that one's address. */
function redirect({ mergedInto }: MergedInto, { path }: Answering, request: Request, response: Response): void {
  const query = request.originalUrl.includes('?') ? request.originalUrl.slice(request.originalUrl.indexOf('?')) : '';
  const there = path.replace(/^(\/reports\/learners\/)[^/]+/, `$1${mergedInto}`);
  response.redirect(308, `${sharedByRooms(request).publicPath}${there}${query}`);
}

/** For answers that have no room for it, and for clients that only look at headers. */
function sayAsOf(response: Response, { on, knownAt, sequence, final }: AsOf): void {
  response.setHeader('X-Pramaan-Sequence', String(sequence));
  response.setHeader('X-Pramaan-On', on);
  if (knownAt !== null) response.setHeader('X-Pramaan-Known-At', knownAt);
  response.setHeader('X-Pramaan-Final', String(final));
}

async function writeCsv(
  { report, ask }: Answering,
  first: Page,
  most: number,
  request: Request,
  response: Response,
): Promise<void> {
  const { rows } = REPORTS[report] as { readonly rows?: z.ZodType };
  if (!rows) throw new Error(`${report} is no list`);
  const columns = columnsOf(rows);
  response.type('text/csv; charset=utf-8');
  response.setHeader('Content-Disposition', `attachment; filename="${report}-${first.asOf.on}.csv"`);
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  let text = BYTE_ORDER_MARK + headLine(columns);
  let count = 0;
  for (let page = first; ; ) {
    for (const row of page.body.rows ?? []) {
      text += rowLine(columns, row, page.asOf);
      count += 1;
      if (text.length < CSV_PIECE) continue;
      if (!(await written(response, text))) return;
      text = '';
    }
    if (page.next === undefined || count >= most) break;
    const found = await ask(Math.min(CSV_PAGE, most - count), page.next);
    // Whom the list is about was merged meanwhile: half a list must not look like a whole one.
    if ('mergedInto' in found) throw new HttpProblem('unavailable', undefined, { headers: { 'Retry-After': '1' } });
    page = found;
  }
  response.end(text);
}
