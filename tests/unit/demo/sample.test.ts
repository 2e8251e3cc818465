// The demo's sample: valid under both versions of xAPI, the same for everybody, and showing what the README says it shows.

import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { validateStatements } from '../../../contracts/xapi/index.ts';
import { sample } from '../../../src/demo/sample.ts';

const NOW = Date.parse('2026-04-20T11:00:00Z');
const posted = sample(NOW);
const statements = [...posted.shipments.flatMap((shipment) => shipment.statements), posted.certified.statement];

test.each(['1.0.3', '2.0.0'] as const)('every statement is valid under xAPI %s', (version) => {
  const verdict = validateStatements(structuredClone(statements), version);
  expect(verdict.ok ? [] : verdict.problems).toEqual([]);
});

test('ids are unique', () => {
  expect(new Set(statements.map(({ id }) => id)).size).toBe(statements.length);
});

test('the same day gives the same sample, the next day the same learning one day later', () => {
  expect(sample(NOW + 3_600_000)).toEqual(posted);
  const later = sample(NOW + 86_400_000);
  expect(later.shipments.map((one) => one.statements.length)).toEqual(
    posted.shipments.map((one) => one.statements.length),
  );
  expect(Date.parse(later.shipments[0]!.statements[0]!.timestamp)).toBe(
    Date.parse(posted.shipments[0]!.statements[0]!.timestamp) + 86_400_000,
  );
});

test('it spreads over the six weeks before today', () => {
  const times = statements.map(({ timestamp }) => Date.parse(timestamp));
  expect(Math.max(...times)).toBeLessThan(NOW);
  expect(Math.min(...times)).toBeGreaterThan(NOW - 43 * 86_400_000);
  expect(Math.max(...times) - Math.min(...times)).toBeGreaterThan(35 * 86_400_000);
});

test('it has Hindi names, completions without a result, scores, and every verb of cmi5', () => {
  const text = JSON.stringify(statements);
  expect(text).toContain('साइबर स्वच्छता');
  const verbs = new Set(statements.map((one) => (one.verb as { id: string }).id.split('/').pop()));
  for (const verb of [
    'launched',
    'initialized',
    'completed',
    'passed',
    'failed',
    'terminated',
    'satisfied',
    'abandoned',
    'waived',
  ]) {
    expect(verbs, verb).toContain(verb);
  }
  const completions = posted.shipments[0]!.statements.filter(
    (one) => (one.verb as { id: string }).id === 'http://adlnet.gov/expapi/verbs/completed',
  );
  expect(completions.some((one) => one.result === undefined)).toBe(true);
  expect(completions.some((one) => one.result !== undefined)).toBe(true);
});

test('the certificate is the PDF that its statement names', () => {
  const { statement, content } = posted.certified;
  expect(new TextDecoder().decode(content.slice(0, 5))).toBe('%PDF-');
  expect(statement.attachments).toMatchObject([
    { length: content.byteLength, sha2: createHash('sha256').update(content).digest('hex') },
  ]);
});

test('what is voided was posted', () => {
  expect(statements.map(({ id }) => id)).toContain(posted.mistaken);
});
