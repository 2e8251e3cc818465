// /admin/loads/<kind>: a CSV in the body, loaded whole or not at all. The answer is one JSON object, or, for who asks for
// application/x-ndjson, a line now and then that says how far it has come, and a last one that says what became of it.

import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { PassThrough } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { type Request, type Response, Router } from 'express';
import type { z } from 'zod';
import { LOAD_KINDS, type LoadKind } from '../../../contracts/events/programmes.ts';
import { loadParameters } from '../../../contracts/http/commands.ts';
import { inOurWords } from '../../../contracts/xapi/index.ts';
import { problemsOf } from '../../access/index.ts';
import { type Administration, CommandRefused, type Loaded, type LoadProgress } from '../../administration/port.ts';
import { ClientGone, credentialOf, exchangeOf, sharedByRooms } from '../exchange.ts';
import { HttpProblem, methodNotAllowed, problemOf, shownProblem } from '../problem.ts';

/** Of a file, unpacked: it lies on the disk of the data folder while it is loaded. */
const MAX_LOAD_BYTES = 4 * 1024 ** 3;
const NDJSON = 'application/x-ndjson';

export function loadsRouter(administration: Administration): Router {
  const router = Router({ caseSensitive: true });
  router
    .route('/loads/:kind')
    .post(async (request, response) => {
      const kind = kindOf(request);
      const { name, accountHomePage } = parametersOf(request);
      const path = administration.spoolFile();
      const sha256 = await spool(request, path);
      const by = { credential: credentialOf(response).id, requestId: exchangeOf(response).requestId };
      const file = { kind, path, sha256, ...(name && { name }), ...(accountHomePage && { accountHomePage }) };
      if (request.accepts(['application/json', NDJSON]) === NDJSON) {
        await answerInLines(request, response, (tell) => administration.load(file, by, tell));
        return;
      }
      const loaded = await administration.load(file, by).catch((error: unknown) => {
        throw asProblem(error);
      });
      response.setHeader('X-Pramaan-Sequence', String(loaded.sequence));
      response.json(shown(loaded));
    })
    .all(methodNotAllowed('POST'));
  return router;
}

async function answerInLines(
  request: Request,
  response: Response,
  load: (tell: (progress: LoadProgress) => void) => Promise<Loaded>,
): Promise<void> {
  response.setHeader('Content-Type', NDJSON);
  const write = (line: object): void => void response.write(`${JSON.stringify(line)}\n`);
  try {
    const loaded = await load(write);
    write({ step: 'done', ...shown(loaded) });
  } catch (error) {
    const problem = problemOf(asProblem(error));
    // A fault of ours is told to the telemetry; the client sees an answer that was cut off.
    if (problem.kind === 'internal') throw error;
    write({
      step: 'refused',
      ...shownProblem(problem, sharedByRooms(request).publicPath, exchangeOf(response).requestId),
    });
  }
  response.end();
}

function shown(loaded: Loaded) {
  return { ...loaded, ...(loaded.events === 0 && { detail: 'nothing new: already as in the file' }) };
}

function asProblem(error: unknown): unknown {
  if (!(error instanceof CommandRefused)) return error;
  const { misfits, total } = error;
  const detail = `${total} ${total === 1 ? 'row or field does' : 'rows or fields do'} not fit; nothing was loaded`;
  return new HttpProblem('command-refused', detail, { more: { errors: misfits, total } });
}

function kindOf(request: Request): LoadKind {
  const kind = String(request.params.kind);
  if ((LOAD_KINDS as readonly string[]).includes(kind)) return kind as LoadKind;
  throw new HttpProblem('not-found', `There is no kind of load "${kind}"; there are ${LOAD_KINDS.join(', ')}.`);
}

function parametersOf(request: Request): z.output<typeof loadParameters> {
  const parsed = loadParameters.safeParse(request.query, inOurWords);
  if (!parsed.success) throw new HttpProblem('invalid-parameter', undefined, { errors: problemsOf(parsed.error) });
  return parsed.data;
}

/**
 * Writes the body into a file, unpacked where it is gzipped (by its header, or a .csv.gz sent as it is).
 * @returns the SHA-256 of the body as it came
 */
async function spool(request: Request, path: string): Promise<string> {
  const encoding = (request.headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  if (!['identity', '', 'gzip', 'x-gzip'].includes(encoding)) {
    throw new HttpProblem('unsupported-media-type', 'Content-Encoding: only gzip is understood', {
      headers: { 'Accept-Encoding': 'gzip' },
    });
  }
  const hash = createHash('sha256');
  // Whoever is refused in the middle gets to read why: the connection is not torn down under the answer.
  const chunks = request.iterator({ destroyOnReturn: false }) as AsyncIterableIterator<Buffer>;
  try {
    const first = await chunks.next();
    const head: Buffer = first.done ? Buffer.alloc(0) : first.value;
    const isZipped = head[0] === 0x1f && head[1] === 0x8b;
    if (encoding.endsWith('gzip') && !isZipped) {
      throw new HttpProblem('invalid-body', 'The body is not what its Content-Encoding says.');
    }
    await pipeline(
      async function* () {
        hash.update(head);
        yield head;
        for await (const chunk of { [Symbol.asyncIterator]: () => chunks }) {
          hash.update(chunk);
          yield chunk;
        }
      },
      isZipped ? createGunzip({ chunkSize: 256 * 1024 }) : new PassThrough(),
      withinLimit,
      createWriteStream(path),
    );
    return hash.digest('hex');
  } catch (error) {
    await rm(path, { force: true });
    if (request.readableAborted) throw new ClientGone();
    request.resume();
    throw asRefusal(error);
  }
}

async function* withinLimit(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.byteLength;
    if (bytes > MAX_LOAD_BYTES) {
      throw new HttpProblem('too-large', `Unpacked, the file is larger than ${MAX_LOAD_BYTES} bytes.`);
    }
    yield chunk;
  }
}

function asRefusal(error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code?.startsWith('Z_')) return new HttpProblem('invalid-body', 'The file is gzipped, and broken.');
  if (code === 'ENOSPC') {
    return new HttpProblem('unavailable', 'The disk is full.', { headers: { 'Retry-After': '60' } });
  }
  return error;
}
