// /openapi.json: OpenAPI 3.1, made from the list of operations and their zod schemas.

import { z } from 'zod';
import { problemDocument } from '../../../contracts/http/problem.ts';
import { VERSION } from '../../version.ts';
import { type Answered, OPERATIONS, type Operation } from './operations.ts';

type Json = { [member: string]: unknown };

const ROOMS = {
  reports: 'Learners, departments and courses, on any day, as known at any time',
  admin: 'Credentials, refusals, the clock, and what commands record',
  audit: 'The record itself, and who has read it',
  health: 'For load balancers and monitoring',
} as const;

/** @param publicPath the path of PRAMAAN_PUBLIC_URL, without a slash at the end */
export function openApiDocument(publicPath: string, operations: readonly Operation[] = OPERATIONS): Json {
  const schemas = new Schemas();
  const paths: Record<string, Json> = {};
  for (const operation of operations) {
    paths[operation.path] = { ...paths[operation.path], [operation.method]: described(operation, schemas) };
  }
  const problem = schemas.of(problemDocument, 'output');
  return {
    openapi: '3.1.0',
    info: {
      title: 'Pramaan',
      version: VERSION,
      description:
        'What Pramaan offers beside xAPI. Requests authenticate with HTTP Basic: the key and the secret of a credential. Every refusal is problem+json; its `type` leads to a page that explains it. GET stands for HEAD too.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: publicPath === '' ? '/' : publicPath }],
    tags: Object.entries(ROOMS).map(([name, description]) => ({ name, description })),
    paths,
    components: {
      schemas: schemas.all(),
      responses: {
        Problem: { description: 'A refusal', content: { 'application/problem+json': { schema: problem } } },
      },
      securitySchemes: { credential: { type: 'http', scheme: 'basic' } },
    },
  };
}

function described(operation: Operation, schemas: Schemas): Json {
  const { room, summary, description, scope, inPath = {}, query = [], body, file, answers, refusals } = operation;
  const said = [description, scope === undefined ? undefined : `Needs the scope \`${scope}\`.`].filter(Boolean);
  const parameters = [
    ...Object.entries(inPath).map(([name, schema]) => parameter(name, 'path', schema, true, schemas)),
    ...queryParameters(query, schemas),
  ];
  return {
    tags: [room],
    operationId: operationId(operation),
    summary,
    ...(said.length > 0 ? { description: said.join('\n\n') } : {}),
    security: scope === undefined ? [] : [{ credential: [] }],
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(body
      ? {
          requestBody: {
            // An empty object stands for none.
            required: !body.safeParse({}).success,
            content: { 'application/json': { schema: schemas.of(body, 'input') } },
          },
        }
      : {}),
    ...(file
      ? {
          requestBody: {
            required: true,
            content: { [file.type]: { schema: { type: 'string', description: file.description } } },
          },
        }
      : {}),
    responses: Object.fromEntries([
      ...answers.map((answer) => [answer.status, answered(answer, schemas)]),
      ...refusals.map((status) => [status, { $ref: '#/components/responses/Problem' }]),
    ]),
  };
}

/** `getReportsLearnersIdProgress` */
function operationId({ method, path }: Operation): string {
  return method + path.replace(/[/{}-]+(\w?)/g, (_, letter: string) => letter.toUpperCase());
}

function answered({ description, content, headers }: Answered, schemas: Schemas): Json {
  return {
    description,
    ...(headers
      ? {
          headers: Object.fromEntries(
            Object.entries(headers).map(([name, meaning]) => [
              name,
              { description: meaning, schema: { type: 'string' } },
            ]),
          ),
        }
      : {}),
    ...(content
      ? {
          content: Object.fromEntries(
            Object.entries(content).map(([type, schema]) => [
              type,
              {
                schema:
                  typeof schema === 'string' ? { type: 'string', description: schema } : schemas.of(schema, 'output'),
              },
            ]),
          ),
        }
      : {}),
  };
}

/** Those of every alternative; required is what all of them require. */
function queryParameters(alternatives: readonly z.ZodObject[], schemas: Schemas): Json[] {
  const shapes = alternatives.map(({ shape }) => shape as Record<string, z.ZodType>);
  const names = new Set(shapes.flatMap((shape) => Object.keys(shape)));
  return [...names].map((name) => {
    const schema = shapes.find((shape) => shape[name])![name]!;
    const required = shapes.every((shape) => shape[name] && !shape[name].safeParse(undefined).success);
    return parameter(name, 'query', schema, required, schemas);
  });
}

function parameter(
  name: string,
  where: 'path' | 'query',
  schema: z.ZodType,
  required: boolean,
  schemas: Schemas,
): Json {
  const { description, ...rest } = schemas.of(schema, 'input');
  return { name, in: where, required, ...(description ? { description } : {}), schema: rest };
}

/** zod's JSON Schemas, those with a name of their own gathered under `components`. */
class Schemas {
  readonly #named = new Map<string, Json>();

  of(schema: z.ZodType, io: 'input' | 'output'): Json {
    const converted = z.toJSONSchema(schema, { target: 'draft-2020-12', io, unrepresentable: 'any' }) as Json;
    const { $schema: _, $defs = {}, id, ...own } = tidied(converted) as Json & { $defs?: Record<string, Json> };
    for (const [name, definition] of Object.entries($defs)) this.#name(name, definition);
    if (typeof id !== 'string') return own;
    this.#name(id, own);
    return { $ref: `#/components/schemas/${id}` };
  }

  all(): Json {
    return Object.fromEntries([...this.#named].sort(([one], [other]) => (one < other ? -1 : 1)));
  }

  #name(name: string, { id: _, ...definition }: Json): void {
    const known = this.#named.get(name);
    if (known && JSON.stringify(known) !== JSON.stringify(definition)) {
      throw new Error(`two schemas are called ${name}`);
    }
    this.#named.set(name, definition);
  }
}

/** Without what only machines would spell out: the largest safe integer, the pattern of what has a format. */
function tidied(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(tidied);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).filter(
    ([name, member]) =>
      !(name === 'maximum' && member === Number.MAX_SAFE_INTEGER) &&
      !(name === 'minimum' && member === Number.MIN_SAFE_INTEGER) &&
      !(name === 'pattern' && 'format' in value) &&
      member !== undefined,
  );
  return Object.fromEntries(
    members.map(([name, member]) => [
      name,
      name === '$ref' && typeof member === 'string'
        ? member.replace('#/$defs/', '#/components/schemas/')
        : tidied(member),
    ]),
  );
}
