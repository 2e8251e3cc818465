// What our compose files may hold, strictly: of the Compose Specification the part that we use, so that a slip of the pen is found
// where no container engine is.

import { parse } from 'yaml';
import { z } from 'zod';

const duration = z.string().regex(/^\d+(ms|s|m|h)$/);
const name = z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/);
const text = z.string().min(1);
/** Numbers and booleans must be quoted: YAML and the shell disagree about what they look like. */
const environment = z.record(z.string().regex(/^[A-Z][A-Z0-9_]*$/), z.string());

const healthcheck = z.strictObject({
  test: z.tuple([z.literal('CMD')], z.string()),
  interval: duration,
  timeout: duration,
  retries: z.int().positive(),
  start_period: duration.optional(),
});

const condition = z.enum(['service_healthy', 'service_completed_successfully']);

export const service = z.strictObject({
  image: z.string().regex(/^[a-z0-9./-]+:[A-Za-z0-9._-]+$/, 'an image with a tag'),
  build: z.literal('.').optional(),
  depends_on: z.record(name, z.strictObject({ condition })).optional(),
  environment: environment.optional(),
  entrypoint: z.array(text).min(1).optional(),
  command: z.array(text).min(1).optional(),
  ports: z.array(z.string().regex(/^127\.0\.0\.1:\d+:\d+$/, 'published on this machine only')).optional(),
  volumes: z.array(z.string().regex(/^[a-z0-9-]+:\/[a-z0-9/-]+(:ro)?$/, 'a named volume')).optional(),
  networks: z.array(name).min(1).optional(),
  network_mode: z.literal('none').optional(),
  user: z.enum(['node', 'root']).optional(),
  read_only: z.boolean().optional(),
  tmpfs: z.array(z.string().startsWith('/')).optional(),
  security_opt: z.tuple([z.literal('no-new-privileges:true')]),
  cap_drop: z.tuple([z.literal('ALL')]).optional(),
  stop_grace_period: duration.optional(),
  restart: z.enum(['no', 'always', 'on-failure', 'unless-stopped']),
  healthcheck: healthcheck.optional(),
});
export type Service = z.infer<typeof service>;

const composeFile = z.strictObject({
  services: z.record(name, service),
  networks: z.record(name, z.strictObject({ internal: z.literal(true) }).nullable()),
  volumes: z.record(name, z.null()),
});
export type ComposeFile = z.infer<typeof composeFile>;

/** Anchors are resolved; extension fields (`x-…`), which only hold them, are left out. @throws what is wrong, with its path */
export function parseComposeFile(content: string): ComposeFile {
  const whole = parse(content, { merge: true, strict: true, uniqueKeys: true }) as Record<string, unknown>;
  return composeFile.parse(Object.fromEntries(Object.entries(whole).filter(([key]) => !key.startsWith('x-'))));
}

/** `${NAME}`, `${NAME:-default}`, `${NAME:?why}` as an engine replaces them, from these variables. @throws on any other `$` */
export function interpolated(value: string, variables: Readonly<Record<string, string>>): string {
  return value.replaceAll(/\$(\$|\{([A-Z][A-Z0-9_]*)(?:(:-|:\?)([^}]*))?\}|)/g, (found, inner, variable, how, rest) => {
    if (inner === '$') return '$';
    if (variable === undefined) throw new Error(`a $ that is neither $$ nor \${NAME}: ${value}`);
    const given = variables[variable];
    if (given) return given;
    if (how === ':-') return rest;
    throw new Error(`${found}: ${how === ':?' ? rest : 'not set'}`);
  });
}
