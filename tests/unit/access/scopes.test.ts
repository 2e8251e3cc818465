// Which scope covers which: the whole table, written out (xAPI 1.0.3 Communication 4.2, and our own scopes).

import { describe, expect, test } from 'vitest';
import { allows, EVERY_SCOPE, SCOPES, type Scope } from '../../../src/access/port.ts';

/** Held scope → everything it allows. */
const COVERS: Readonly<Record<Scope, readonly Scope[]>> = {
  'statements/write': ['statements/write'],
  'statements/read/mine': ['statements/read/mine'],
  'statements/read': ['statements/read', 'statements/read/mine'],
  state: ['state'],
  define: ['define'],
  profile: ['profile'],
  'all/read': ['all/read', 'statements/read', 'statements/read/mine'],
  all: ['all', 'all/read', 'statements/write', 'statements/read', 'statements/read/mine', 'state', 'define', 'profile'],
  reports: ['reports'],
  audit: ['audit'],
  void: ['void'],
  import: ['import'],
  admin: ['admin'],
};

describe.each(SCOPES)('%s', (held) => {
  test.each(SCOPES)('for %s', (wanted) => {
    expect(allows([held], wanted)).toBe(COVERS[held].includes(wanted));
  });
});

test('without a scope nothing is allowed', () => {
  expect(SCOPES.filter((wanted) => allows([], wanted))).toEqual([]);
});

test('scopes add up', () => {
  expect(allows(['audit', 'statements/read'], 'statements/read/mine')).toBe(true);
  expect(SCOPES.filter((wanted) => !allows(EVERY_SCOPE, wanted))).toEqual([]);
});
