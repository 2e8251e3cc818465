// The journeys a second time, with an EventStoreDB as the log: the server that TEST_EVENTSTOREDB_URL names, otherwise the double.

import { eventStoreForTests } from '../eventstoredb-double/server-for-tests.ts';

export default async function setup(): Promise<() => Promise<void>> {
  const server = await eventStoreForTests();
  // The processes that run the tests inherit it.
  process.env.TEST_JOURNEYS_EVENTSTOREDB_URL = server.url;
  if (server.isDouble) {
    console.log("The journeys run on the double of EventStoreDB's protocol; TEST_EVENTSTOREDB_URL names a real one.");
  }
  return () => server.close();
}
