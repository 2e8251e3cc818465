// A thread that follows a stream of EventStoreDB and appends to it, as a node's threads do, until it is told to close. It then
// ends by itself, or something was left open.

import { parentPort, workerData } from 'node:worker_threads';
import { NOTHING } from '../../../contracts/words.ts';
import { openEventStoreDbLog } from '../../../src/event-log/eventstoredb/index.ts';
import { numbered } from './events.ts';

const { url, stream } = workerData as { readonly url: string; readonly stream: string };
const log = openEventStoreDbLog({ url, maxAppendBytes: 1_048_576, timeoutMs: 1_000 });
const interrupted = (failure: Error | undefined): void => parentPort!.postMessage(failure ? 'interrupted' : 'goes on');

parentPort!.once('message', async () => {
  await log.close();
  parentPort!.postMessage('closed');
});
await log.append(stream, numbered(3), { expectedRevision: NOTHING });
for await (const delivery of log.subscribe(stream, { after: NOTHING, onInterrupted: interrupted })) {
  parentPort!.postMessage(delivery.kind);
}
