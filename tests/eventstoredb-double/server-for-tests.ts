// The server that contract suites and journeys run against: a real one that the environment names, otherwise a double.

import { startDouble } from './index.ts';

export interface EventStoreForTests {
  /** A connection string, as the client takes it. */
  readonly url: string;
  readonly isDouble: boolean;
  close(): Promise<void>;
}

/** TEST_EVENTSTOREDB_URL when it is set, otherwise a double of the caller's own. A real one keeps what earlier tests wrote. */
export async function eventStoreForTests(): Promise<EventStoreForTests> {
  const url = process.env.TEST_EVENTSTOREDB_URL;
  if (url !== undefined && url !== '') return { url, isDouble: false, close: async () => {} };
  const double = await startDouble();
  return { url: double.url, isDouble: true, close: () => double.stop() };
}
