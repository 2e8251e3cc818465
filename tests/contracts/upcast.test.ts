// Logs of earlier builds: this one opens them, takes every event for what its type says, and folds them to what they folded to.

import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import type { z } from 'zod';
import * as audit from '../../contracts/events/audit.ts';
import * as credentials from '../../contracts/events/credentials.ts';
import * as documents from '../../contracts/events/documents.ts';
import * as record from '../../contracts/events/index.ts';
import { everyEvent, type Held, whatItHolds } from '../fixtures/logs/open.ts';
import { removeFolders } from '../journeys/server.ts';

const LOGS = new URL('../fixtures/logs/', import.meta.url);
const names = readdirSync(LOGS).filter((name) => name.endsWith('.sqlite'));
afterAll(removeFolders);

/** The schemas of each type's data and metadata; a statement's data has its own validation, a chunk's is bytes. */
const SCHEMAS: Readonly<Record<string, readonly [data: z.ZodType | undefined, metadata: z.ZodType]>> = {
  [record.STATEMENT_RECORDED]: [undefined, record.statementRecordedMetadata],
  [record.RECORD_OPENED]: [record.recordOpened, record.recordMetadata],
  [record.CLOCK_MOVED]: [record.clockMoved, record.recordMetadata],
  [record.LOSS_ACCEPTED]: [record.lossAccepted, record.recordMetadata],
  [record.DEPARTMENT_OPENED]: [record.departmentOpened, record.recordMetadata],
  [record.DEPARTMENT_MOVED]: [record.departmentMoved, record.recordMetadata],
  [record.DEPARTMENT_RENAMED]: [record.departmentRenamed, record.recordMetadata],
  [record.DEPARTMENT_CLOSED]: [record.departmentClosed, record.recordMetadata],
  [record.PERSON_RECORDED]: [record.personRecorded, record.recordMetadata],
  [record.POSTING_BEGUN]: [record.postingBegun, record.recordMetadata],
  [record.POSTING_ENDED]: [record.postingEnded, record.recordMetadata],
  [record.POSTING_WITHDRAWN]: [record.postingWithdrawn, record.recordMetadata],
  [record.SERVICE_CHANGED]: [record.serviceChanged, record.recordMetadata],
  [record.SERVICE_RESUMED]: [record.serviceResumed, record.recordMetadata],
  [record.IDENTITY_LINKED]: [record.identityLinked, record.recordMetadata],
  [record.IDENTITY_UNLINKED]: [record.identityUnlinked, record.recordMetadata],
  [record.COURSE_LISTED]: [record.courseListed, record.recordMetadata],
  [record.SESSION_HELD]: [record.sessionHeld, record.recordMetadata],
  [record.ROSTER_ENTERED]: [record.rosterEntered, record.recordMetadata],
  [record.NATIONAL_FIGURE_RECORDED]: [record.nationalFigureRecorded, record.recordMetadata],
  [record.LOAD_BEGUN]: [record.loadBegun, record.recordMetadata],
  [record.LOAD_COMPLETED]: [record.loadCompleted, record.recordMetadata],
  [documents.DOCUMENTS_CHANGED]: [documents.documentsChanged, documents.documentMetadata],
  [documents.DOCUMENT_SCOPE_REGISTERED]: [documents.documentScopeRegistered, documents.documentMetadata],
  [documents.CHUNK_STORED]: [undefined, documents.chunkMetadata],
  [credentials.CREDENTIAL_ADDED]: [credentials.credentialAdded, credentials.credentialMetadata],
  [credentials.CREDENTIAL_ROTATED]: [credentials.credentialRotated, credentials.credentialMetadata],
  [credentials.CREDENTIAL_REVOKED]: [credentials.credentialRevoked, credentials.credentialMetadata],
  [audit.AUDIT_ACCESSED]: [audit.auditAccessed, audit.auditAccessMetadata],
  [audit.AUDIT_ACCESS_ENDED]: [audit.auditAccessEnded, audit.auditAccessMetadata],
};

test('the committed logs hold every type and version of event that there is', () => {
  const exported = [audit, credentials, documents, record].flatMap((contract): unknown[] => Object.values(contract));
  const types = exported.filter((value) => typeof value === 'string' && /^[a-z-]+\.v\d+$/.test(value));
  const there = [...new Set(types as string[])];
  const held = new Set(names.flatMap((name) => everyEvent(new URL(name, LOGS).pathname).map(({ type }) => type)));
  expect([...held].sort()).toEqual(there.sort());
  expect(Object.keys(SCHEMAS).sort()).toEqual(there.sort());
});

describe.each(names)('%s', (name) => {
  const file = new URL(name, LOGS).pathname;

  test('each of its events is what its type says', () => {
    for (const { type, contentType, data, metadata } of everyEvent(file)) {
      const [ofData, ofMetadata] = SCHEMAS[type]!;
      const problem = ofMetadata.safeParse(JSON.parse(metadata)).error ?? ofData?.safeParse(JSON.parse(data)).error;
      if (problem) expect.fail(`${type}: ${problem.message}`);
      if (contentType === 'json') expect(JSON.stringify(JSON.parse(data))).toBe(data);
    }
  });

  test('it opens, and folds to what it folded to when it was committed', async () => {
    const committed = JSON.parse(readFileSync(file.replace(/sqlite$/, 'json'), 'utf8')) as Held;
    // A raised STATEMENT_INDEX_VERSION or PEOPLE_VERSION makes other tables of the same events: its digest is then committed anew, the
    // rest is not.
    expect(await whatItHolds(file)).toEqual(committed);
  });
});
