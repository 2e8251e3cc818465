// What the months of the made-up state do not show: an attachment and documents. Sent with @xapi/xapi, the client library that
// learning content uses. None of it says anything of anybody's progress.

import { createHash } from 'node:crypto';
import xapi, { type Agent, type Statement } from '@xapi/xapi';
import { certificate } from './certificate.ts';
import { idOf } from './chance.ts';
import type { Store } from './fill.ts';
import { CATALOGUE, PLATFORM } from './state/catalogue.ts';
import type { State } from './state/index.ts';
import type { Person } from './state/people.ts';

// A CommonJS package: its class is the default of its default.
const XAPI = xapi.default;

export const DOCUMENTS = 3;

/** @returns `X-Pramaan-Sequence` of the statement with the certificate */
export async function postExtras(state: State, { url, key, secret }: Store): Promise<number> {
  const client = new XAPI({
    endpoint: `${url}/xapi`,
    auth: XAPI.toBasicAuth(key, secret),
    version: '1.0.3',
    adapter: 'fetch',
  });
  const person = someLearner(state);
  const { statement, content } = certified(person);
  const answer = await client.sendStatement({ statement, attachments: [content.buffer] });

  const agent = agentOf(person);
  const packaged = CATALOGUE.find(({ delivered }) => delivered === 'cmi5')!;
  const activityId = packaged.aliases[1]!;
  const registration = idOf(state.size.seed, person.code, packaged.number, 'registration');
  const bookmark = { slide: 17, of: 24, language: 'hi-IN', note: 'पासवर्ड नीति' };
  await client.setState({ agent, activityId, registration, stateId: 'bookmark', state: bookmark });
  const preferences = { languagePreference: 'hi-IN,en-IN' };
  await client.createAgentProfile({ agent, profileId: 'cmi5LearnerPreferences', profile: preferences });
  await client.createActivityProfile({ activityId, profileId: 'edition', profile: { edition: '2026-04', pages: 24 } });
  return Number((answer.headers as Record<string, unknown>)['x-pramaan-sequence']);
}

function someLearner(state: State): Person {
  for (const person of state.people()) if (person.onboarded) return person;
  throw new Error('nobody of this state is on the platform');
}

function agentOf({ names, code }: Person): Agent {
  return { name: names.hi, account: { homePage: PLATFORM, name: code } };
}

/** A certificate earned, and the certificate itself. */
function certified(person: Person): { statement: Statement; content: Uint8Array<ArrayBuffer> } {
  const course = CATALOGUE.find(({ kind }) => kind === 'course')!;
  const content = certificate(person.code, course.titles.en);
  const attachment = {
    usageType: 'http://id.tincanapi.com/attachment/certificate-of-completion',
    display: { en: 'Certificate', hi: 'प्रमाण पत्र' },
    contentType: 'application/pdf',
    length: content.byteLength,
    sha2: createHash('sha256').update(content).digest('hex'),
  };
  const statement: Statement = {
    actor: agentOf(person),
    verb: { id: 'http://id.tincanapi.com/verb/earned', display: { en: 'earned', hi: 'अर्जित किया' } },
    object: { objectType: 'Activity', id: course.id, definition: { name: { ...course.titles } } },
    attachments: [attachment],
  };
  return { statement, content };
}
