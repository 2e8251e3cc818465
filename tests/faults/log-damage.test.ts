// Promise 2, and its guard: the log is the only truth, so a log that lost something is found out at the next start, before
// anything is written; going on without it is somebody's recorded decision. Whatever else is damaged comes back by itself.

import { createHash } from 'node:crypto';
import {
  cpSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { lossAccepted } from '../../contracts/events/index.ts';
import { streamsWithPrefix } from '../../src/event-log/index.ts';
import { digestOfModel, type ModelName, rebuildModel } from '../../src/projector/index.ts';
import { type Anything, beside, events, run } from '../journeys/command.ts';
import { asSent, type Chance, seeded, statement } from '../journeys/seeded.ts';
import { newFolder, postStatements, removeFolders, type Server, startServer } from '../journeys/server.ts';
import { until } from './until.ts';

const LOG = 'log.sqlite';
const WAL = 'log.sqlite-wal';
const MODEL_NAMES: readonly ModelName[] = ['statement-index', 'people'];

/** A folder as a killed server left it, both read models at the head, the younger half of it in the write-ahead log only. */
let killed: string;
/** The same folder's log when it was half as long. */
let older: string;
/** The whole record. */
let record: Anything[];
/** So far into the write-ahead log is the record; what follows is the trail of who read it, which no index knows. */
let recordEndsAt: number;

beforeAll(
  seeded(async (by) => {
    const server = await startServer();
    killed = server.dataDir;
    older = join(newFolder(), 'older.sqlite');
    let sequence = -1;
    for (let batch = 0; batch < 24; batch++) {
      const response = await postStatements(
        server,
        Array.from({ length: by.whole(1, 30) }, () => statement(by)),
      );
      expect(response.status).toBe(200);
      sequence = Number(response.headers.get('x-pramaan-sequence'));
      if (batch === 12) expect((await run(['backup', '--out', older], beside(server))).code).toBe(0);
    }
    await indexed(server, sequence);
    recordEndsAt = statSync(join(killed, WAL)).size;
    record = await events(server);
    await server.kill();
  }),
);
afterAll(removeFolders);

async function indexed(server: Server, sequence: number): Promise<void> {
  await until(async () => {
    const { statementIndex, peopleModel } = (await (await server.fetch('/health/ready')).json()) as Anything;
    return [statementIndex, peopleModel].every((model) => model.state === 'following' && model.sequence >= sequence);
  }, `sequence ${sequence} in both read models`);
}

function copyOfKilled(): string {
  const folder = newFolder();
  cpSync(killed, folder, { recursive: true });
  return folder;
}

/** Digests of everything that belongs to the log: what a refused start must leave alone. */
function logIn(folder: string): Record<string, string> {
  const files = [LOG, WAL].filter((name) => statSync(join(folder, name), { throwIfNoEntry: false })?.size);
  return Object.fromEntries(
    files.map((name) => [
      name,
      createHash('sha256')
        .update(readFileSync(join(folder, name)))
        .digest('hex'),
    ]),
  );
}

function overwrite(file: string, at: number, bytes: Uint8Array): void {
  writeSync(openSync(file, 'r+'), bytes, 0, bytes.length, at);
}

function someBytes(by: Chance, length: number): Buffer {
  return Buffer.from(Array.from({ length }, () => by.whole(0, 255)));
}

/** Each way to lose the end of a log, at a place that chance chooses. */
const DAMAGES: Readonly<Record<string, (folder: string, by: Chance) => void>> = {
  'the write-ahead log is cut': (folder, by) => {
    truncateSync(join(folder, WAL), by.whole(0, recordEndsAt - 1));
  },
  'a bit in the write-ahead log is flipped': (folder, by) => {
    const wal = join(folder, WAL);
    const bytes = readFileSync(wal);
    // Past the header of the file, within a frame: whatever follows it is not believed either.
    const at = by.whole(32, recordEndsAt - 1);
    overwrite(wal, at, Buffer.from([bytes[at]! ^ (1 << by.whole(0, 7))]));
  },
  'a part of the write-ahead log is overwritten': (folder, by) => {
    const length = by.whole(100, 40_000);
    overwrite(
      join(folder, WAL),
      by.whole(0, recordEndsAt - length),
      by.happens(0.5) ? Buffer.alloc(length) : someBytes(by, length),
    );
  },
  'the write-ahead log is gone': (folder) => rmSync(join(folder, WAL)),
  'log.sqlite is replaced by an older copy': (folder) => {
    rmSync(join(folder, WAL));
    cpSync(older, join(folder, LOG));
  },
  'the log is gone altogether': (folder) => {
    for (const name of [LOG, WAL]) rmSync(join(folder, name));
  },
};

describe.each(Object.entries(DAMAGES))('when %s', (name, damage) => {
  const rounds = name.includes('gone') || name.includes('older') ? 1 : 2;
  test(
    'a start is refused with the range, leaves the log alone, and goes on once the loss is accepted',
    seeded(async (by) => {
      for (let round = 0; round < rounds; round++) {
        const folder = copyOfKilled();
        const whole = JSON.stringify(logIn(folder));
        // Zeros over the free space of a page damage nothing.
        do damage(folder, by);
        while (JSON.stringify(logIn(folder)) === whole);
        const before = logIn(folder);

        const environment = { PRAMAAN_PORT: '0', PRAMAAN_DATA_DIR: folder };
        const refused = await run(['serve'], environment);
        expect(refused.code).toBe(1);
        expect(refused.errors).toMatch(/^pramaan: the statement index has gone up to sequence \d+/);
        expect(refused.errors).toContain('--accept-loss');
        expect(refused.errors).not.toMatch(/^\s+at /m);
        const [, from, to] = /does not have events? (\d+)(?: to (\d+))?/.exec(refused.errors)!;
        const first = Number(from);
        const last = record.length - 1;
        expect(Number(to ?? from)).toBe(last);
        // Neither changed nor begun anew: it can still be examined, mended or restored.
        expect(logIn(folder)).toEqual(before);

        const server = await startServer({ dataDir: folder, arguments: ['--accept-loss'] });
        const kept = await events(server);
        const opened = first === 0 ? 1 : 0;
        expect(kept.slice(0, first)).toEqual(record.slice(0, first));
        expect(kept).toHaveLength(first + opened + 1);
        const { type, data } = kept.at(-1);
        expect(type).toBe('loss-accepted.v1');
        expect(lossAccepted.parse(data)).toEqual({
          from: first,
          to: last,
          lastEventId: record[last].id,
          logEndedAt: first - 1,
        });

        // Their senders still have them: what was lost is not "known already".
        const lost = record.slice(first).filter((event) => event.type === 'statement-recorded.v1');
        const again = await postStatements(
          server,
          lost.map((event) => asSent(event.data)),
        );
        expect(again.status).toBe(200);
        const sequence = Number(again.headers.get('x-pramaan-sequence'));
        expect(sequence).toBe(kept.length - 1 + lost.length);
        await indexed(server, sequence);
        for (const { data: sent } of [by.pick(lost), record.find((event) => event.type === 'statement-recorded.v1')]) {
          const found = await server.fetch(`/xapi/statements?statementId=${sent.id}`);
          expect(asSent((await found.json()) as Anything)).toEqual(asSent(sent));
        }
        expect(await server.stop()).toBe(0);

        // Nothing is asked a second time, and the read models are those that the log makes.
        const next = await startServer({ dataDir: folder });
        expect(await next.stop()).toBe(0);
        for (const model of MODEL_NAMES) {
          const digest = digestOfModel(model, folder);
          await rebuildModel(model, { dataDir: folder, logFile: join(folder, LOG), streams: streamsWithPrefix('') });
          expect(digestOfModel(model, folder)).toBe(digest);
        }
      }
    }),
  );
});

test('the people model tells of a loss too, when the statement index is gone', async () => {
  const folder = copyOfKilled();
  removeModel(folder, 'statement-index');
  rmSync(join(folder, WAL));
  cpSync(older, join(folder, LOG));
  const refused = await run(['serve'], { PRAMAAN_PORT: '0', PRAMAAN_DATA_DIR: folder });
  expect(refused).toMatchObject({
    code: 1,
    errors: expect.stringMatching(`^pramaan: the people model has gone up to sequence ${record.length - 1} `),
  });
  const server = await startServer({ dataDir: folder, arguments: ['--accept-loss'] });
  const kept = await events(server);
  expect(kept.at(-1)).toMatchObject({ type: 'loss-accepted.v1', data: { to: record.length - 1 } });
  await indexed(server, kept.length - 1);
  expect(await server.stop()).toBe(0);
});

test('--accept-loss where nothing was lost changes nothing', async () => {
  const folder = copyOfKilled();
  const server = await startServer({ dataDir: folder, arguments: ['--accept-loss'] });
  expect(await events(server)).toEqual(record);
  expect(await server.stop()).toBe(0);
});

function removeModel(folder: string, model: ModelName): void {
  for (const name of readdirSync(folder)) if (name.startsWith(model)) rmSync(join(folder, name));
}

describe.each(MODEL_NAMES)('%s is made again, by itself and the same,', (model) => {
  const live = (folder: string) =>
    join(folder, readdirSync(folder).find((name) => name.startsWith(`${model}-`) && name.endsWith('.sqlite'))!);
  const RUBBISH: Readonly<Record<string, (folder: string, by: Chance) => void>> = {
    'when its file is deleted': (folder) => {
      rmSync(live(folder));
    },
    'when everything of it is deleted': (folder) => {
      removeModel(folder, model);
    },
    'when its file is rubbish': (folder, by) => {
      const file = live(folder);
      for (const end of ['-wal', '-shm']) rmSync(`${file}${end}`, { force: true });
      writeFileSync(file, someBytes(by, by.whole(1, 100_000)));
    },
    'when its file was cut': (folder) => {
      const file = live(folder);
      truncateSync(file, Math.floor(statSync(file).size / 8192) * 4096);
    },
    'when its file is overwritten in the middle': (folder, by) => {
      const file = live(folder);
      const { size } = statSync(file);
      overwrite(file, 4096, someBytes(by, size - 4096));
    },
    'when the file that names it is rubbish': (folder, by) => {
      writeFileSync(join(folder, `${model}.json`), someBytes(by, 50));
    },
  };
  let digest: string;
  beforeAll(async () => {
    const folder = copyOfKilled();
    digest = digestOfModel(model, folder)!;
  });

  test.each(Object.entries(RUBBISH))('%s', (_, damage) =>
    seeded(async (by) => {
      const folder = copyOfKilled();
      // An orderly stop first: the model is one file then.
      const before = await startServer({ dataDir: folder });
      expect(await before.stop()).toBe(0);
      damage(folder, by);
      const server = await startServer({ dataDir: folder });
      await indexed(server, record.length - 1);
      const { data } = by.pick(record.filter((event) => event.type === 'statement-recorded.v1'));
      const found = await server.fetch(`/xapi/statements?statementId=${data.id}`);
      expect(asSent((await found.json()) as Anything)).toEqual(asSent(data));
      expect(await events(server)).toEqual(record);
      expect(await server.stop()).toBe(0);
      expect(digestOfModel(model, folder)).toBe(digest);
    })(),
  );
});
