// Posts the sample over HTTP with @xapi/xapi, the client library that learning content uses: what the demo stores went the same
// way as everything else.

import xapi, { type Agent, type Statement } from '@xapi/xapi';
import { LMS } from './cast.ts';
import type { Sample } from './sample.ts';
import type { SampleStatement } from './shapes.ts';

// A CommonJS package: its class is the default of its default.
const XAPI = xapi.default;

export interface Store {
  /** Where xAPI is: `http://127.0.0.1:8080/xapi`. */
  readonly endpoint: string;
  readonly key: string;
  readonly secret: string;
}

/** One line of what was stored. */
export interface Posted {
  readonly what: string;
  readonly statements: number;
  readonly documents: number;
  readonly requests: number;
}

export interface Outcome {
  readonly posted: readonly Posted[];
  /** `X-Pramaan-Sequence` of the last write. */
  readonly sequence: number;
}

/** Posts everything and resolves when the last of it is on disk. Any refusal ends it, with the store's own words. */
export async function post(sample: Sample, store: Store): Promise<Outcome> {
  const client = clientOf(store);
  let sequence = 0;
  const took = (answer: { readonly headers: Readonly<Record<string, unknown>> }): void => {
    sequence = Math.max(sequence, Number(answer.headers['x-pramaan-sequence'] ?? 0));
  };
  const posted: Posted[] = [];
  const count = (what: string, stored: Partial<Posted>): number =>
    posted.push({ what, statements: 0, documents: 0, requests: 1, ...stored });

  for (const { from, batch, statements } of sample.shipments) {
    let requests = 0;
    for (let at = 0; at < statements.length; at += batch) {
      const some = statements.slice(at, at + batch).map(typed);
      took(
        some.length === 1
          ? await client.sendStatement({ statement: some[0]! })
          : await client.sendStatements({ statements: some }),
      );
      requests++;
    }
    count(from, { statements: statements.length, requests });
  }

  const { statement, content } = sample.certified;
  took(await client.sendStatement({ statement: typed(statement), attachments: [content.buffer] }));
  count('a completion with its certificate attached (PDF)', { statements: 1 });

  const actor: Agent = { name: 'Mission Learning', account: { homePage: LMS, name: 'administrator' } };
  took(await client.voidStatement({ actor, statementId: sample.mistaken }));
  count('a void of an answer given by mistake', { statements: 1 });

  const { learner, activityId, registration, state } = sample.bookmark;
  const agent: Agent = { name: learner.name, account: { homePage: LMS, name: learner.code } };
  await client.setState({ agent, activityId, registration, stateId: 'bookmark', state: { ...state } });
  await client.createAgentProfile({
    agent,
    profileId: 'cmi5LearnerPreferences',
    profile: { languagePreference: 'hi-IN,en-IN' },
  });
  await client.createActivityProfile({ activityId, profileId: 'edition', profile: { edition: '2026-04', pages: 24 } });
  count('documents: a bookmark, preferences, an edition', { documents: 3, requests: 3 });
  return { posted, sequence };
}

/** The client's types know fewer shapes than the systems send; what is sent is what the sample says. */
function typed(statement: SampleStatement): Statement {
  return statement as unknown as Statement;
}

/** How many statements a query without filters returns, page after page. */
export async function countStatements(store: Store): Promise<number> {
  const client = clientOf(store);
  let page = (await client.getStatements({ limit: 200 })).data;
  let count = page.statements.length;
  while (page.more) {
    page = (await client.getMoreStatements({ more: page.more })).data as typeof page;
    count += page.statements.length;
  }
  return count;
}

function clientOf({ endpoint, key, secret }: Store): InstanceType<typeof XAPI> {
  return new XAPI({ endpoint, auth: XAPI.toBasicAuth(key, secret), version: '1.0.3', adapter: 'fetch' });
}
