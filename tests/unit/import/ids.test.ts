// Ids made from content: the same statement has the same id tomorrow, and in a file written by another program.

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { canonicalJson, idFromContent } from '../../../src/import/identity.ts';
import { toItem } from '../../../src/import/statement-item.ts';

const statement = {
  actor: { mbox: 'mailto:a@example.in' },
  verb: { id: 'http://example.in/v' },
  object: { id: 'http://example.in/o' },
};

it('stays what it is: another id would store old sources a second time', () => {
  expect(idFromContent(statement, 'statement')).toBe('9fc1afe6-c958-5f71-9b95-325630f5e17d');
  expect(idFromContent(statement, 'completion')).toBe('5d05e8f2-20b1-5c7b-b51a-c76fceaf88b5');
});

it('does not depend on the order of members, and on nothing else but content', () => {
  const shuffled = fc
    .dictionary(fc.string(), fc.jsonValue())
    .chain((object) =>
      fc.tuple(
        fc.constant(object),
        fc.shuffledSubarray(Object.keys(object), { minLength: Object.keys(object).length }),
      ),
    );
  fc.assert(
    fc.property(shuffled, ([object, keys]) => {
      const reordered = Object.fromEntries(keys.map((key) => [key, object[key]]));
      expect(idFromContent(reordered, 'statement')).toBe(idFromContent(object, 'statement'));
      expect(JSON.parse(canonicalJson(object))).toEqual(JSON.parse(JSON.stringify(object)));
    }),
  );
  expect(idFromContent({ ...statement, timestamp: '2026-01-01T00:00:00Z' }, 'statement')).not.toBe(
    idFromContent(statement, 'statement'),
  );
});

it('an id of its own stays, and the text is posted as it stood', () => {
  const raw = '{"id":"F1F58A33-02BA-4D4B-A5B1-6C0B0A3F7A11",  "result":{"score":{"raw":1.50}}}';
  const item = toItem(JSON.parse(raw), { place: { text: 'line 1' }, raw });
  expect(item).toMatchObject({ id: 'f1f58a33-02ba-4d4b-a5b1-6c0b0a3f7a11', json: raw });
});

it('a statement is posted under the version of xAPI that leaves it as it is', () => {
  const versionOf = (more: object) => {
    const item = toItem({ ...statement, ...more }, { place: { text: 'line 1' }, raw: '' });
    return item.kind === 'statement' && item.version;
  };
  expect(versionOf({})).toBe('1.0.3');
  expect(versionOf({ version: '1.0.0' })).toBe('1.0.3');
  expect(versionOf({ version: '2.0.0' })).toBe('2.0.0');
  expect(versionOf({ context: { contextAgents: [] } })).toBe('2.0.0');
});
