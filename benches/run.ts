// `npm run bench -- ingest --seconds 10`: runs benches/ingest.ts. Without a name it lists them.

import { readdirSync } from 'node:fs';
import { basename } from 'node:path';

const [wanted = ''] = process.argv.splice(2, 1);
const name = basename(wanted, '.ts');
const benches = readdirSync(import.meta.dirname)
  .map((file) => basename(file, '.ts'))
  .filter((bench) => bench !== 'run' && !bench.startsWith('load'));
if (benches.includes(name)) {
  await import(`./${name}.ts`);
} else {
  console.error(`bench: which? ${benches.join(', ')}`);
  process.exitCode = 2;
}
