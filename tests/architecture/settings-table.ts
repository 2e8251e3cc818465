// The settings as the README shows them: one row a setting, made from the one table that is read at the start.

import { SETTINGS } from '../../src/settings.ts';

/** A Markdown table of every setting, in the order of SETTINGS. */
export function settingsTable(): string {
  const rows = Object.values(SETTINGS).map(
    (row) => `| \`${row.variable}\` | ${cell(row.default)} | ${cell(row.meaning)} |`,
  );
  return ['| variable | default | meaning |', '|---|---|---|', ...rows].join('\n');
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
