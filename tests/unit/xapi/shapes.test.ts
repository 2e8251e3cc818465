// Statements in the shapes that learning systems really send are taken as they are.

import { expect, test } from 'vitest';
import { parseBody, validateStatements } from '../../../contracts/xapi/index.ts';
import { SHAPES, statementsOf } from '../../fixtures/statements/index.ts';

test.each(SHAPES)('the shape %s is accepted under 2.0, whole and one by one', (shape) => {
  expect(validateStatements(statementsOf(shape), '2.0.0')).toMatchObject({ ok: true });
  for (const statement of statementsOf(shape)) {
    expect(validateStatements(statement, '2.0.0')).toMatchObject({ ok: true });
  }
});

test.each(SHAPES.filter((shape) => shape !== 'version-2'))(
  'the shape %s is accepted under 1.0.3 and comes back as equal values',
  (shape) => {
    const body = new TextEncoder().encode(JSON.stringify(statementsOf(shape)));
    const parsed = parseBody(body);
    const validated = validateStatements(parsed.ok && parsed.value, '1.0.3');
    expect(validated.ok).toBe(true);
    if (!validated.ok) return;
    validated.statements.forEach((statement, place) => {
      const sent = statementsOf(shape)[place]!;
      // The one change the standard demands: a single context activity becomes a list.
      const { category } = sent.context?.contextActivities ?? {};
      if (category !== undefined && 'id' in category) {
        expect(statement.context!.contextActivities!.category).toEqual([category]);
      } else expect(statement).toEqual(sent);
    });
  },
);

test('contextAgents and statements of 2.0 are refused under 1.0.3', () => {
  const validated = validateStatements(statementsOf('version-2'), '1.0.3');
  expect(validated.ok ? [] : validated.problems.map(({ path }) => path)).toEqual([
    '$[0].context.contextAgents',
    '$[0].context.contextGroups',
    '$[0].version',
  ]);
});
