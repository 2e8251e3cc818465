// Another learning-record store as a source, over xAPI: its statements in the order in which it stored them, with their
// attachments, and the statements it has voided, which no listing shows.

import { parseBody } from '../../contracts/xapi/index.ts';
import { attachmentsFrom } from './attachments.ts';
import { readMultipart } from './multipart.ts';
import { type Answer, askPatiently, detailOf, type Patience } from './patience.ts';
import {
  type AttachmentPart,
  type ImportSource,
  type Item,
  SourceRefused,
  type StatementObject,
  type StorePosition,
} from './source.ts';
import { toItem } from './statement-item.ts';

export interface RemoteStoreOptions {
  readonly key?: string;
  readonly secret?: string;
  /** Statements asked for at once. */
  readonly pageSize: number;
  readonly patience: Patience;
}

/** `stored` is asked for again from this long before what was seen last: stores exist that show statements late. */
const OVERLAP_MS = 60_000;
const VOIDED = 'http://adlnet.gov/expapi/verbs/voided';

/** @throws SourceRefused, NoAnswer */
export async function openRemoteStore(endpoint: URL, options: RemoteStoreOptions): Promise<ImportSource> {
  const store = new RemoteStore(endpoint, options);
  await store.negotiate();
  return {
    kind: 'store',
    name: store.endpoint.href,
    description: { endpoint: store.endpoint.href },
    items: (from) => store.items(from),
    end: () => store.end,
  };
}

class RemoteStore {
  readonly endpoint: URL;
  end: StorePosition | undefined;
  readonly #options: RemoteStoreOptions;
  #version: '1.0.3' | '2.0.0' = '2.0.0';

  constructor(endpoint: URL, options: RemoteStoreOptions) {
    this.endpoint = new URL(endpoint);
    if (this.endpoint.username !== '') {
      const { username, password } = this.endpoint;
      options = { key: decodeURIComponent(username), secret: decodeURIComponent(password), ...options };
      this.endpoint.username = '';
      this.endpoint.password = '';
    }
    this.endpoint.search = '';
    this.endpoint.hash = '';
    this.endpoint.pathname = `${this.endpoint.pathname.replace(/\/+$/, '').replace(/\/statements$/, '')}/`;
    this.#options = options;
  }

  /** The highest version that both know (xAPI 1.0.3 Communication 2.8: about says which). */
  async negotiate(): Promise<void> {
    const answer = await this.#ask(new URL('about', this.endpoint));
    if (answer.status === 401 || answer.status === 403) return;
    const about = answer.status === 200 ? parseBody(answer.body) : undefined;
    const versions = about?.ok ? (about.value as { version?: unknown } | null)?.version : undefined;
    if (!Array.isArray(versions)) {
      throw new SourceRefused(
        `${this.endpoint.href} is not an xAPI endpoint: ${this.endpoint.href}about answered ${answer.status} without its versions.`,
      );
    }
    this.#version = versions.some((version) => String(version).startsWith('2.')) ? '2.0.0' : '1.0.3';
  }

  async *items(from?: StorePosition): AsyncGenerator<readonly Item[]> {
    let last = from?.since;
    this.end = from;
    let page = from?.page === undefined ? this.#firstPage(last) : this.#onThisStore(from.page);
    let isLink = from?.page !== undefined;
    let askedAgainFrom: string | undefined | null = null;
    for (;;) {
      const answer = await this.#ask(page);
      // A `more` link need not live longer than 24 hours (xAPI 1.0.3 Communication 2.1.3); `stored` is always understood.
      if (isLink && answer.status >= 400 && answer.status !== 401 && answer.status !== 403 && askedAgainFrom !== last) {
        askedAgainFrom = last;
        page = this.#firstPage(last);
        isLink = false;
        continue;
      }
      const { statements, more, attachments } = this.#pageOf(answer);
      const items: Item[] = [];
      for (const statement of statements) {
        last = typeof statement?.stored === 'string' ? statement.stored : last;
        const resumeAt = { page: page.href, since: last };
        for (const one of await this.#withItsTarget(statement)) items.push(itemOf(one, attachments, resumeAt));
      }
      if (items.length > 0) yield items;
      if (!more) {
        this.end = endingAt(last, answer.headers.get('X-Experience-API-Consistent-Through'));
        return;
      }
      page = this.#onThisStore(more);
      isLink = true;
    }
  }

  #firstPage(since: string | undefined): URL {
    const page = new URL('statements', this.endpoint);
    page.searchParams.set('ascending', 'true');
    page.searchParams.set('attachments', 'true');
    page.searchParams.set('format', 'exact');
    page.searchParams.set('limit', String(this.#options.pageSize));
    if (since !== undefined) {
      const at = Date.parse(since);
      if (!Number.isNaN(at)) page.searchParams.set('since', new Date(at - OVERLAP_MS).toISOString());
    }
    return page;
  }

  /** `more` is relative to the host (xAPI 1.0.3 Data 2.5). The credential goes to nobody else. */
  #onThisStore(link: string): URL {
    const page = new URL(link, this.endpoint);
    if (page.origin !== this.endpoint.origin) {
      throw new SourceRefused(
        `${this.endpoint.origin} continues at another host, ${page.origin}; the credential is not sent there.`,
      );
    }
    return page;
  }

  /** A voiding statement comes with the statement it voids before it, where the store still gives that one out. */
  async #withItsTarget(statement: StatementObject): Promise<readonly FetchedStatement[]> {
    const verb = statement?.verb as { id?: unknown } | null | undefined;
    const object = statement?.object as { objectType?: unknown; id?: unknown } | null | undefined;
    if (verb?.id !== VOIDED || object?.objectType !== 'StatementRef' || typeof object.id !== 'string')
      return [{ statement }];
    const page = new URL('statements', this.endpoint);
    page.searchParams.set('voidedStatementId', object.id);
    page.searchParams.set('attachments', 'true');
    page.searchParams.set('format', 'exact');
    const answer = await this.#ask(page);
    if (answer.status === 404) return [{ statement }];
    const { statements, attachments } = this.#pageOf(answer);
    return [...statements.map((voided) => ({ statement: voided, attachments })), { statement }];
  }

  async #ask(url: URL): Promise<Answer> {
    const { key, secret, patience } = this.#options;
    const headers: Record<string, string> = { 'X-Experience-API-Version': this.#version };
    if (key !== undefined) headers.Authorization = `Basic ${Buffer.from(`${key}:${secret ?? ''}`).toString('base64')}`;
    return askPatiently(url, { headers }, patience);
  }

  #pageOf(answer: Answer): Page {
    if (answer.status === 401 || answer.status === 403) {
      throw new SourceRefused(
        `${this.endpoint.origin} does not let this credential read all statements: it answered ${answer.status}${detailOf(answer)}. Give one with --from-key and --from-secret.`,
      );
    }
    if (answer.status !== 200)
      throw new SourceRefused(`${this.endpoint.origin} answered ${answer.status}${detailOf(answer)}.`);
    const contentType = answer.headers.get('Content-Type') ?? '';
    const multipart = /^multipart\/mixed\b/i.test(contentType);
    const parts = multipart
      ? readMultipart(answer.body, contentType)
      : [{ headers: new Map<string, string>(), content: answer.body }];
    const first = parts?.[0];
    const parsed = first && parseBody(first.content);
    if (!parsed?.ok)
      throw this.#unreadable(parsed ? (parsed.problems[0]?.message ?? 'not JSON') : 'broken multipart/mixed');
    const result = parsed.value as { statements?: unknown; more?: unknown; actor?: unknown } | null;
    // One statement asked for by id comes alone (xAPI 1.0.3 Communication 2.1.3).
    const statements = Array.isArray(result?.statements) ? result.statements : result?.actor ? [result] : undefined;
    if (!statements) throw this.#unreadable('no statements in it');
    const attachments = new Map<string, AttachmentPart>();
    for (const { headers, content } of parts!.slice(1)) {
      const sha256 = headers.get('x-experience-api-hash')?.toLowerCase();
      if (sha256) {
        attachments.set(sha256, {
          sha256,
          contentType: headers.get('content-type') ?? 'application/octet-stream',
          content,
        });
      }
    }
    return {
      statements: statements as StatementObject[],
      attachments,
      ...(typeof result?.more === 'string' && result.more !== '' ? { more: result.more } : {}),
    };
  }

  #unreadable(why: string): SourceRefused {
    return new SourceRefused(`${this.endpoint.origin} gave a page of statements that cannot be read: ${why}.`);
  }
}

interface Page {
  readonly statements: readonly StatementObject[];
  readonly attachments: ReadonlyMap<string, AttachmentPart>;
  readonly more?: string;
}

interface FetchedStatement {
  readonly statement: StatementObject;
  /** When it did not come with the page. */
  readonly attachments?: ReadonlyMap<string, AttachmentPart>;
}

function itemOf(
  { statement, attachments }: FetchedStatement,
  ofPage: ReadonlyMap<string, AttachmentPart>,
  resumeAt: StorePosition,
): Item {
  return toItem(statement, {
    place: { text: `statement ${String(statement?.id)}` },
    raw: JSON.stringify(statement),
    attachments: attachmentsFrom(statement, (sha256) => (attachments ?? ofPage).get(sha256)),
    resumeAt,
  });
}

/** Statements stored up to Consistent-Through are all shown (xAPI 1.0.3 Communication 2.1.3); after it some may still come. */
function endingAt(last: string | undefined, consistentThrough: string | null): StorePosition | undefined {
  if (last === undefined) return undefined;
  const through = consistentThrough === null ? Number.NaN : Date.parse(consistentThrough);
  return { since: through < Date.parse(last) ? new Date(through).toISOString() : last };
}
