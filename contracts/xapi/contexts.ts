// Contexts (xAPI 1.0.3 Data 2.4.6, xAPI 2.0 4.2.2.5).

import { z } from 'zod';
import { activity } from './activities.ts';
import { actor, agent, group } from './actors.ts';
import { extensions, iri, languageTag, uuid } from './checks.ts';

export const statementRef = z.strictObject({ objectType: z.literal('StatementRef'), id: uuid });

/** One Activity or a list of them; explain.ts relies on the list being the first branch. */
const activities = z.union([z.array(activity), activity]).optional();

const contextActivities = z.strictObject({
  parent: activities,
  grouping: activities,
  category: activities,
  other: activities,
});

const context10 = {
  registration: uuid.optional(),
  instructor: actor.optional(),
  team: group.optional(),
  contextActivities: contextActivities.optional(),
  revision: z.string().optional(),
  platform: z.string().optional(),
  language: languageTag.optional(),
  statement: statementRef.optional(),
  extensions: extensions.optional(),
};

const relevantTypes = z.array(iri).min(1, 'must not be empty').optional();

/** xAPI 2.0: who else was there, and as what. */
const contextAgents = z.array(z.strictObject({ objectType: z.literal('contextAgent'), agent, relevantTypes }));
const contextGroups = z.array(z.strictObject({ objectType: z.literal('contextGroup'), group, relevantTypes }));

export const contexts = {
  '1.0.3': z.strictObject(context10),
  '2.0.0': z.strictObject({
    ...context10,
    contextAgents: contextAgents.optional(),
    contextGroups: contextGroups.optional(),
  }),
};
