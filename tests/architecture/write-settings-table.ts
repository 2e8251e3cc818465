// `npm run docs:settings`: writes the table of settings into the README.

import { readFileSync, writeFileSync } from 'node:fs';
import { settingsTable } from './settings-table.ts';

const readme = new URL('../../README.md', import.meta.url);
const text = readFileSync(readme, 'utf8');
const marked = /<!-- settings -->\n[\s\S]*?<!-- \/settings -->/;
if (!marked.test(text)) throw new Error('README.md has no <!-- settings --> … <!-- /settings --> block');
writeFileSync(
  readme,
  text.replace(marked, () => `<!-- settings -->\n${settingsTable()}\n<!-- /settings -->`),
);
