// /openapi.json describes what is there: every route of the rooms and no other, and its examples are what the schemas take.

import type { Router } from 'express';
import { describe, expect, test } from 'vitest';
import type { z } from 'zod';
import { REPORTS } from '../../../contracts/http/reports.ts';
import { adminRouter } from '../../../src/http/admin/index.ts';
import { auditRouter } from '../../../src/http/audit/index.ts';
import { healthRouter } from '../../../src/http/health/index.ts';
import { openApiDocument } from '../../../src/http/openapi/document.ts';
import { OPERATIONS } from '../../../src/http/openapi/operations.ts';
import { reportsRouter } from '../../../src/http/reports/index.ts';

const document = openApiDocument('/lrs') as {
  openapi: string;
  servers: unknown;
  paths: Record<string, Record<string, Record<string, never>>>;
  components: { schemas: Record<string, Schema>; responses: Record<string, unknown> };
};
interface Schema {
  readonly $ref?: string;
  readonly [member: string]: unknown;
}

/** Routes are set up before anything is asked of what is behind them. */
const nothing = {} as never;
const ROUTERS: Readonly<Record<string, Router>> = {
  '/reports': reportsRouter(nothing),
  '/admin': adminRouter({ administration: {} } as never),
  '/audit': auditRouter({ streams: { access: () => '' }, trailLog: nothing } as never),
  '/health': healthRouter(nothing),
};

/** `get /reports/learners/{}`: what a router answers, whatever its parameters are called. */
function routesOf(base: string, router: Router): string[] {
  return router.stack.flatMap((layer): string[] => {
    const { route } = layer;
    // A router inside a router has its routes at the same base.
    if (!route) return 'stack' in layer.handle ? routesOf(base, layer.handle as unknown as Router) : [];
    const methods = route.stack.map(({ method }) => method).filter((method) => method !== undefined);
    return [...new Set(methods)].map((method) => `${method} ${base}${route.path.replace(/:\w+/g, '{}')}`);
  });
}

test('every route is described, and every description has its route', () => {
  const there = Object.entries(ROUTERS).flatMap(([base, router]) => routesOf(base, router));
  const described = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method} ${path.replace(/\{\w+\}/g, '{}')}`),
  );
  expect(there.length).toBeGreaterThan(20);
  expect(described.sort()).toEqual([...new Set(there)].sort());
});

test('it is OpenAPI 3.1 below the public path, and every reference leads somewhere', () => {
  expect(document).toMatchObject({ openapi: '3.1.0', servers: [{ url: '/lrs' }] });
  expect(openApiDocument('')).toMatchObject({ servers: [{ url: '/' }] });
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/(\w+)\/(\w+)"/g)];
  expect(references.length).toBeGreaterThan(50);
  for (const [reference, kind, name] of references) {
    expect(document.components[kind as 'schemas'], reference).toHaveProperty(name!);
  }
  expect(JSON.stringify(document)).not.toContain('$defs');
});

test('operations have ids of their own, and every part of a path is a parameter', () => {
  const ids = Object.values(document.paths).flatMap((methods) =>
    Object.values(methods).map(({ operationId }) => operationId),
  );
  expect(new Set(ids).size).toBe(ids.length);
  for (const [path, methods] of Object.entries(document.paths)) {
    const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    for (const { parameters = [] } of Object.values(methods) as { parameters?: { name: string; in: string }[] }[]) {
      const given = parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => name);
      expect(given.sort(), path).toEqual(named.sort());
    }
  }
});

describe('examples', () => {
  test.each(
    Object.values(REPORTS).flatMap(({ path, query }) =>
      Object.entries(query.shape as Record<string, z.ZodType>).flatMap(([name, schema]) =>
        ((schema.meta()?.examples ?? []) as unknown[]).map((example) => [path, name, example, schema] as const),
      ),
    ),
  )('%s %s=%s', (_path, _name, example, schema) => {
    expect(schema.safeParse(example).success).toBe(true);
  });

  test('of every schema are what it takes', () => {
    let checked = 0;
    for (const schema of new Set(OPERATIONS.flatMap(schemasOf))) {
      for (const example of (schema.meta()?.examples ?? []) as unknown[]) {
        expect(schema.safeParse(example).success, JSON.stringify(example)).toBe(true);
        checked += 1;
      }
    }
    expect(checked).toBeGreaterThan(5);
  });
});

/** All schemas that an operation speaks of, those inside others too. */
function schemasOf({ inPath = {}, query = [], body, answers }: (typeof OPERATIONS)[number]): z.ZodType[] {
  const contents = answers.flatMap(({ content = {} }) => Object.values(content));
  const roots = [...Object.values(inPath), ...query, ...(body ? [body] : []), ...contents];
  return roots.flatMap((root) => (typeof root === 'string' ? [] : inside(root)));
}

function inside(schema: z.ZodType): z.ZodType[] {
  const {
    shape = {},
    element,
    innerType,
    options = [],
    in: first,
  } = schema.def as unknown as {
    shape?: Record<string, z.ZodType>;
    element?: z.ZodType;
    innerType?: z.ZodType;
    options?: z.ZodType[];
    in?: z.ZodType;
  };
  const parts = [
    ...Object.values(shape),
    ...options,
    ...[element, innerType, first].filter((one) => one !== undefined),
  ];
  return [schema, ...parts.flatMap(inside)];
}
