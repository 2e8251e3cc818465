// EventStoreDB joins the contract of all logs: on a double of it always, on a real one where there is one.

import { GenericContainer, getContainerRuntimeClient, Wait } from 'testcontainers';
import { expect, test } from 'vitest';
import { openEventStoreDbLog } from '../../../src/event-log/eventstoredb/index.ts';
import type { EventLog } from '../../../src/event-log/index.ts';
import { startDouble } from '../../eventstoredb-double/index.ts';
import { eventLogContract } from './contract.ts';

const IMAGE = 'eventstore/eventstore:23.10.6-bookworm-slim';

interface Server {
  readonly url: string;
  /** Starts it again on the same events, where that can be done. */
  restart?(): Promise<unknown>;
  stop?(): Promise<unknown>;
}

function contractOn(name: string, start: () => Promise<Server>): void {
  eventLogContract(name, async () => {
    const server = await start();
    const open = (): EventLog => openEventStoreDbLog({ url: server.url, maxAppendBytes: 1_048_576 });
    let log = open();
    return {
      log,
      async reopen() {
        await log.close();
        await server.restart?.();
        log = open();
        return log;
      },
      second: async () => open(),
      async close() {
        await log.close();
        await server.stop?.();
      },
    };
  });
}

/** Where there is none: a line that says why, or a failure when the environment insists on it. */
function contractWhere(name: string, missing: string | undefined, start: () => Promise<Server>): void {
  if (missing === undefined) contractOn(name, start);
  else {
    test(`${name} keeps the promises of an event log`, ({ skip }) => {
      if (process.env.REQUIRE_EVENTSTOREDB === '1') expect.fail(missing);
      skip(missing);
    });
  }
}

async function whyNoDocker(): Promise<string | undefined> {
  try {
    await getContainerRuntimeClient();
    return undefined;
  } catch {
    return 'there is no Docker on this machine';
  }
}

contractOn('the double of EventStoreDB', startDouble);

const url = process.env.TEST_EVENTSTOREDB_URL;
contractWhere(
  'the EventStoreDB of TEST_EVENTSTOREDB_URL',
  url ? undefined : 'TEST_EVENTSTOREDB_URL names no server',
  async () => ({ url: url! }),
);

contractWhere('an EventStoreDB in Docker', await whyNoDocker(), async () => {
  const container = await new GenericContainer(IMAGE)
    .withEnvironment({ EVENTSTORE_INSECURE: 'true', EVENTSTORE_TELEMETRY_OPTOUT: 'true' })
    .withExposedPorts(2113)
    .withWaitStrategy(Wait.forHttp('/health/live', 2113).forStatusCode(204))
    .withStartupTimeout(300_000)
    .start();
  return {
    url: `esdb://${container.getHost()}:${container.getMappedPort(2113)}?tls=false`,
    stop: () => container.stop(),
  };
});
