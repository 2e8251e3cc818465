// `npm run bench -- ingest --seconds 10`: runs benches/ingest.ts. Without a name it lists them.

import { readdirSync } from 'node:fs';
import { basename } from 'node:path';

const [wanted = ''] = process.argv.splice(2, 1);
const name = basename(wanted, '.ts');
const benches = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith('.ts') && file !== 'run.ts')
  .map((file) => basename(file, '.ts'));
if (benches.includes(name)) {
  await import(`./${name}.ts`);
} else {
  console.error(`bench: which? ${benches.join(', ')}`);
  process.exitCode = 2;
}
