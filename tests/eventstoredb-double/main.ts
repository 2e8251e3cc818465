// The double as a process: `node tests/eventstoredb-double/main.ts --port 2113 --data DIR`. Started by a test, it takes its
// options and its faults over the channel between the two processes.

import { parseArgs } from 'node:util';
import type { FaultName, FaultOptions } from './faults.ts';
import { type DoubleOptions, runDouble, VERSION } from './server.ts';

/** What a test wants of it. */
export type Wish =
  | { readonly do: 'fault'; readonly name: FaultName; readonly options?: FaultOptions }
  | { readonly do: 'clear' }
  | { readonly do: 'disconnect' }
  | { readonly do: 'lose-tail'; readonly stream: string; readonly events: number };

/** Each is answered with its number. */
export type Order = Wish & { readonly id: number };

export type Told =
  | { readonly ready: number; readonly cutOff: number }
  | { readonly id: number; readonly head?: number; readonly error?: string };

const OPTIONS = 'PRAMAAN_TEST_DOUBLE';

const { values } = parseArgs({ options: { port: { type: 'string' }, data: { type: 'string' } } });
if (values.data === undefined) {
  console.error('usage: node tests/eventstoredb-double/main.ts --port 2113 --data DIR');
  process.exit(2);
}
const port = Number(values.port ?? 2113);
console.log(
  `This is a test double that speaks the protocol of EventStoreDB ${VERSION}; it is not EventStoreDB, and nothing to keep data in.`,
);
const more = JSON.parse(process.env[OPTIONS] ?? '{}') as Omit<DoubleOptions, 'port' | 'dataDir'>;
const running = await runDouble({ ...more, port, dataDir: values.data });
const { streams, faults } = running;
if (streams.cutOff > 0) console.log(`cut off ${streams.cutOff} bytes that a crash left half written`);
console.log(
  `esdb://127.0.0.1:${running.port}?tls=${more.tls !== undefined}, ${streams.events} events in ${values.data}`,
);

const tell = (told: Told) => process.send?.(told);

async function obey(order: Order): Promise<Told> {
  switch (order.do) {
    case 'fault':
      faults.set(order.name, order.options);
      break;
    case 'clear':
      faults.clear();
      break;
    case 'disconnect':
      running.disconnect();
      break;
    case 'lose-tail':
      return { id: order.id, head: await streams.loseTail(order.stream, order.events) };
  }
  return { id: order.id };
}

process.on('message', (order: Order) => {
  obey(order).then(tell, (error: unknown) => tell({ id: order.id, error: String(error) }));
});
// A test that is gone leaves no double behind.
if (process.send !== undefined) process.on('disconnect', () => process.exit());
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => process.exit());
tell({ ready: running.port, cutOff: streams.cutOff });
