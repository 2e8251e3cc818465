// The store that an import writes to, over xAPI.

import type { Problem } from '../../contracts/http/problem.ts';
import { writeMultipart } from './multipart.ts';
import { type Answer, askPatiently, ConnectionDropped, detailOf, type Patience } from './patience.ts';
import type { AttachmentPart, StatementItem } from './source.ts';

export interface TargetOptions {
  readonly key: string;
  readonly secret: string;
  readonly patience: Patience;
}

/** What became of one request. */
export type Posted =
  | {
      readonly outcome: 'recorded';
      /** Highest sequence that holds one of the statements, and how many were new; where the store says so. */
      readonly sequence: number | undefined;
      readonly recorded: number | undefined;
    }
  /** One or more of the statements are at fault; `index` says which, where the store says it. */
  | { readonly outcome: 'at-fault'; readonly problems: readonly Problem[]; readonly detail: string }
  | { readonly outcome: 'too-large'; readonly detail: string };

/** The store refuses the import as a whole; in words. */
export class TargetRefused extends Error {
  override readonly name = 'TargetRefused';
}

/** The problems that a statement can be the cause of; any other 4xx is about the request, and no smaller one would pass. */
const FAULTS = /\/(invalid-statement|invalid-attachments|invalid-signature|invalid-body|conflict|voids-a-void)$/;

export class Target {
  /** The xAPI endpoint, with a slash at its end. */
  readonly endpoint: URL;
  readonly #options: TargetOptions;
  readonly #authorization: string;
  #sent = 0;

  /** `base`: the store's address, with or without `/xapi`. */
  constructor(base: URL, options: TargetOptions) {
    this.endpoint = new URL(base);
    this.endpoint.search = '';
    this.endpoint.hash = '';
    const path = this.endpoint.pathname.replace(/\/+$/, '').replace(/\/statements$/, '');
    this.endpoint.pathname = path.endsWith('/xapi') ? `${path}/` : `${path}/xapi/`;
    this.#options = options;
    this.#authorization = `Basic ${Buffer.from(`${options.key}:${options.secret}`).toString('base64')}`;
  }

  /** Fails at once, and in words, where a long import would only find out later. @throws TargetRefused, NoAnswer */
  async check(): Promise<void> {
    const patience = { ...this.#options.patience, seconds: 0 };
    const answer = await askPatiently(new URL('about', this.endpoint), {}, patience);
    if (answer.status !== 200) {
      throw new TargetRefused(
        `${this.endpoint.href} is not a store: ${this.endpoint.href}about answered ${answer.status}.`,
      );
    }
  }

  /**
   * Whether a statement is there, voided or not; undefined when the credential may not read.
   * @throws NoAnswer
   */
  async holds(id: string): Promise<boolean | undefined> {
    for (const parameter of ['statementId', 'voidedStatementId']) {
      const url = new URL('statements', this.endpoint);
      url.searchParams.set(parameter, id);
      const headers = { Authorization: this.#authorization, 'X-Experience-API-Version': '2.0.0' };
      const { status } = await askPatiently(url, { headers }, this.#options.patience);
      if (status === 200) return true;
      if (status !== 404) return undefined;
    }
    return false;
  }

  /** @throws TargetRefused, NoAnswer */
  async post(items: readonly StatementItem[]): Promise<Posted> {
    const statements = Buffer.from(`[${items.map(({ json }) => json).join(',')}]`);
    const attachments = new Map<string, AttachmentPart>();
    for (const item of items) for (const part of item.attachments) attachments.set(part.sha256, part);
    const { contentType, body } =
      attachments.size > 0
        ? writeMultipart(statements, attachments.values())
        : { contentType: 'application/json', body: statements };
    const asking = askPatiently(
      new URL('statements', this.endpoint),
      {
        method: 'POST',
        headers: {
          Authorization: this.#authorization,
          'Content-Type': contentType,
          'X-Experience-API-Version': items[0]!.version,
          'X-Pramaan-Import': 'true',
          'X-Request-Id': `import-${process.pid}-${++this.#sent}`,
        },
        body,
      },
      // A single statement cannot be made smaller.
      items.length > 1 ? { ...this.#options.patience, drops: 2 } : this.#options.patience,
    );
    try {
      return this.#outcome(await asking);
    } catch (error) {
      if (error instanceof ConnectionDropped) return { outcome: 'too-large', detail: error.message };
      throw error;
    }
  }

  #outcome(answer: Answer): Posted {
    if (answer.status === 200 || answer.status === 204) {
      const number = (name: string) => (answer.headers.has(name) ? Number(answer.headers.get(name)) : undefined);
      return { outcome: 'recorded', sequence: number('X-Pramaan-Sequence'), recorded: number('X-Pramaan-Recorded') };
    }
    const detail = `${answer.status}${detailOf(answer)}`;
    if (answer.status === 413) return { outcome: 'too-large', detail };
    const problem = problemOf(answer);
    if ((answer.status === 400 || answer.status === 409) && FAULTS.test(problem.type)) {
      return { outcome: 'at-fault', problems: problem.errors, detail };
    }
    const help =
      answer.status === 401 || answer.status === 403
        ? ' An import needs a credential with the scope import (and void, where statements are voided): "pramaan credentials" makes one; give it with --key and --secret.'
        : '';
    throw new TargetRefused(`${this.endpoint.origin} refuses the import: ${detail}.${help}`);
  }
}

function problemOf(answer: Answer): { readonly type: string; readonly errors: readonly Problem[] } {
  try {
    const { type, errors } = JSON.parse(Buffer.from(answer.body).toString('utf8')) as {
      type?: unknown;
      errors?: unknown;
    };
    return { type: String(type ?? ''), errors: Array.isArray(errors) ? (errors as Problem[]).map(withIndex) : [] };
  } catch {
    return { type: '', errors: [] };
  }
}

const PLACE_IN_BATCH = /^\$\[(\d+)\]/;

/** Some problems name the statement in their path only. */
function withIndex(problem: Problem): Problem {
  const place = PLACE_IN_BATCH.exec(problem.path);
  return problem.index === undefined && place ? { ...problem, index: Number(place[1]) } : problem;
}
