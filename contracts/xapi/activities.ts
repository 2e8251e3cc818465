// Verbs, Activities and their definitions, interactions among them (xAPI 1.0.3 Data 2.4.3, 2.4.4.1; xAPI 2.0 4.2.2.2, 4.2.2.3).

import { z } from 'zod';
import { iri, isObject, languageMap, whole } from './checks.ts';

export const verb = z.strictObject({ id: iri, display: languageMap.optional() });

const COMPONENT_LISTS = ['choices', 'scale', 'source', 'target', 'steps'] as const;

/** Which lists of components an interaction type may have (xAPI 1.0.3 Data 2.4.4.1, "Interaction Components"). */
const LISTS_OF: Readonly<Record<string, readonly string[]>> = {
  'true-false': [],
  choice: ['choices'],
  'fill-in': [],
  'long-fill-in': [],
  matching: ['source', 'target'],
  performance: ['steps'],
  sequencing: ['choices'],
  likert: ['scale'],
  numeric: [],
  other: [],
};

const interactionType = z.enum([
  'true-false',
  'choice',
  'fill-in',
  'long-fill-in',
  'matching',
  'performance',
  'sequencing',
  'likert',
  'numeric',
  'other',
]);

const component = z.strictObject({ id: z.string(), description: languageMap.optional() });
const components = z.array(component).optional();

export const definition = z
  .strictObject({
    name: languageMap.optional(),
    description: languageMap.optional(),
    type: iri.optional(),
    moreInfo: iri.optional(),
    extensions: z.record(iri, z.unknown()).optional(),
    interactionType: interactionType.optional(),
    correctResponsesPattern: z.array(z.string()).optional(),
    choices: components,
    scale: components,
    source: components,
    target: components,
    steps: components,
  })
  .check(whole(interactionProblems));

function interactionProblems(value: Readonly<Record<string, unknown>>) {
  const problems: { message: string; path: PropertyKey[] }[] = [];
  const type = value.interactionType;
  if (type === undefined && value.correctResponsesPattern !== undefined) {
    problems.push({ message: 'is for interactions: interactionType is missing', path: ['correctResponsesPattern'] });
  }
  const allowed = typeof type === 'string' && Object.hasOwn(LISTS_OF, type) ? LISTS_OF[type] : undefined;
  for (const list of COMPONENT_LISTS) {
    const given = value[list];
    if (given === undefined) continue;
    if (type === undefined) problems.push({ message: 'is for interactions: interactionType is missing', path: [list] });
    else if (allowed && !allowed.includes(list)) {
      problems.push({ message: `is not a list of components that interactionType ${type} has`, path: [list] });
    }
    if (!Array.isArray(given)) continue;
    const seen = new Set<unknown>();
    given.forEach((item, place) => {
      if (!isObject(item) || typeof item.id !== 'string') return;
      if (seen.has(item.id))
        problems.push({ message: 'is the id of another component too', path: [list, place, 'id'] });
      seen.add(item.id);
    });
  }
  return problems.length > 0 ? problems : undefined;
}

export const activity = z.strictObject({
  objectType: z.literal('Activity').optional(),
  id: iri,
  definition: definition.optional(),
});
