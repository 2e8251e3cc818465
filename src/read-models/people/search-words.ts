// What a subject is found by: the words of names, code or identity, their spellings folded.

import { foldedWords } from '../../../projections/inputs/folding.ts';

export function searchWords(key: string, names: Readonly<Record<string, string | undefined>> | undefined): string {
  const own = key.slice(key.indexOf(key.startsWith('account:') ? '|' : ':') + 1).replace(/^mailto:/, '');
  const words = new Set(foldedWords(own));
  for (const name of Object.values(names ?? {})) for (const word of foldedWords(name ?? '')) words.add(word);
  return [...words].join(' ');
}
