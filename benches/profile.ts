// Where the time went: the CPU profiles that a bench left with --profile, as a table a thread, by what the code belongs to.
//
//   npm run bench -- profile DIR [--top 15]

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { top: { type: 'string', default: '15' } },
});

interface Profile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string };
    readonly children?: readonly number[];
  }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

/** Told from each other by a file that only they load. */
const THREADS = [
  ['main', 'src/http/index.ts'],
  ['recorder', 'src/recording/thread.ts'],
  ['follower', 'src/following/thread.ts'],
  ['projector', 'src/projector/thread.ts'],
  ['read worker', 'src/read-models/workers/worker.ts'],
  ['load', 'benches/'],
] as const;

function threadOf({ nodes }: Profile): string {
  const urls = new Set(nodes.map(({ callFrame }) => callFrame.url));
  return THREADS.find(([, file]) => [...urls].some((url) => url.includes(file)))?.[0] ?? 'another';
}

/** The file within the repository, the package, or Node's own module. */
function placeOf(url: string): string {
  const [, name] = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url) ?? [];
  if (name) return name;
  return /(?:src|contracts|projections|bin|benches)\/.*$/.exec(url)?.[0] ?? url;
}

const percent = (share: number): string => `${(share * 100).toFixed(1).padStart(5)} %`;

for (const file of readdirSync(positionals[0]!).sort()) {
  if (!file.endsWith('.cpuprofile')) continue;
  const profile = JSON.parse(readFileSync(join(positionals[0]!, file), 'utf8')) as Profile;
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  const own = new Map<string, number>();
  let busy = 0;
  let total = 0;
  profile.samples.forEach((id, i) => {
    const { functionName, url } = nodes.get(id)!.callFrame;
    const time = profile.timeDeltas[i]!;
    total += time;
    if (functionName === '(idle)') return;
    busy += time;
    const name = `${functionName || '(anonymous)'}${url ? `  ${placeOf(url)}` : ''}`;
    own.set(name, (own.get(name) ?? 0) + time);
  });
  console.log(`\n${threadOf(profile)}: busy ${percent(busy / total).trim()} of ${(total / 1e6).toFixed(1)} s`);
  const top = [...own].sort(([, a], [, b]) => b - a).slice(0, Number(values.top));
  for (const [name, time] of top) console.log(`  ${percent(time / busy)}  ${name}`);
}
