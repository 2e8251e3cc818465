// What /admin takes to change departments, people, the catalogue, sessions and figures, command by command, and what it answers. `{id}`
// in the path is the department, the employee code or the session that a command is about.

import { z } from 'zod';
import {
  courseListed,
  departmentClosed,
  departmentMoved,
  departmentOpened,
  departmentRenamed,
  identityLinked,
  LOAD_KINDS,
  nationalFigureRecorded,
  personRecorded,
  postingBegun,
  rosterEntered,
  serviceChanged,
  sessionHeld,
} from '../events/programmes.ts';

const MAX_ROSTER = 5_000;
const withdrawn = z.literal(true).optional().meta({ description: 'Recorded in error: it never was' });
const id = { id: true } as const;
const code = { code: true } as const;
const { languages, tags, aliases, supersedes, status } = courseListed.shape;

export const COMMANDS = {
  '/departments': { summary: 'Opens a department', body: departmentOpened },
  '/departments/{id}/moves': { summary: 'Moves a department below another one', body: departmentMoved.omit(id) },
  '/departments/{id}/names': { summary: 'Renames a department', body: departmentRenamed.omit(id) },
  '/departments/{id}/closings': { summary: 'Closes a department', body: departmentClosed.omit(id) },
  '/people': { summary: 'Names a person, or says more of one', body: personRecorded },
  '/people/{id}/postings': {
    summary: 'Begins, ends or withdraws a posting',
    body: postingBegun.omit(code).extend({ withdrawn }),
  },
  '/people/{id}/service': { summary: 'Leave, suspension, or the end of service', body: serviceChanged.omit(code) },
  '/people/{id}/identities': {
    summary: 'Links an identity to a person, or takes that back',
    body: identityLinked.omit(code).extend({ withdrawn }),
  },
  '/courses': {
    summary: 'Lists a course in the catalogue',
    body: courseListed.extend({
      languages: languages.default([]),
      tags: tags.default([]),
      aliases: aliases.default([]),
      supersedes: supersedes.default([]),
      status: status.default('live'),
    }),
  },
  '/sessions': { summary: 'Records a session of a programme', body: sessionHeld },
  '/sessions/{id}/roster': {
    summary: 'Who attended a session',
    body: z.strictObject({
      entries: z
        .array(rosterEntered.omit({ session: true }))
        .min(1, 'at least one entry is needed')
        .max(MAX_ROSTER, `at most ${MAX_ROSTER} entries`),
    }),
  },
  '/national-figures': { summary: "Records one of the nation's figures", body: nationalFigureRecorded },
} as const satisfies Readonly<Record<string, { readonly summary: string; readonly body: z.ZodType }>>;
export type CommandPath = keyof typeof COMMANDS;

export const decided = z.strictObject({
  events: z.int().min(0).meta({ description: 'Recorded; 0: everything is on record as it was asked for' }),
  sequence: z.int().min(-1).meta({ description: 'At which it holds: wait for it with `atLeast`' }),
  detail: z.string().optional(),
});

export const loadKind = z.enum(LOAD_KINDS);
export const loadParameters = z.strictObject({
  name: z.string().max(300).optional().meta({ description: 'What the file is called' }),
  accountHomePage: z
    .url({ error: 'must be a URL' })
    .optional()
    .meta({ description: 'Home page of identities that the file gives as a bare account name' }),
});
export const loaded = decided.extend({
  load: z.uuid().optional().meta({ description: 'Absent when nothing was new' }),
  rows: z.int().min(0),
});
