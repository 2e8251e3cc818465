// Figures as India writes them: groups of two after the first three digits, lakh and crore; nothing above crore has a name of its
// own here (readers of a brief do not count in अरब). What does not exist is a dash, never 0.

import type { Share } from '../../../contracts/http/reports.ts';

export type Language = 'hi' | 'en';

export const NONE = '—';

const LAKH = 100_000;
const CRORE = 10_000_000;
const UNITS = { hi: { lakh: 'लाख', crore: 'करोड़' }, en: { lakh: 'lakh', crore: 'crore' } } as const;

const INDIA = new Intl.NumberFormat('en-IN', { maximumFractionDigits: 2 });

/** 1880000 → `18,80,000` */
export function grouped(value: number): string {
  return INDIA.format(value);
}

/** 1880000 → `18.8 लाख`, 14500000 → `1.45 करोड़`; below a lakh the number itself. Two decimals at most, rounded half up. */
export function inLakhAndCrore(value: number, language: Language): string {
  const { lakh, crore } = UNITS[language];
  if (Math.abs(value) < LAKH) return grouped(value);
  // What would round to a hundred lakh is a crore.
  const inLakh = hundredths(value, LAKH);
  return Math.abs(inLakh) < 100 ? `${grouped(inLakh)} ${lakh}` : `${grouped(hundredths(value, CRORE))} ${crore}`;
}

/** The number, and beside it how people say it: `18,80,000 (18.8 लाख)`. */
export function figure(value: number | null, language: Language): string {
  if (value === null) return NONE;
  return Math.abs(value) < LAKH ? grouped(value) : `${grouped(value)} (${inLakhAndCrore(value, language)})`;
}

/** `53.19 % (10,00,000 ÷ 18,80,000)`: never a percentage without what was divided by what. */
export function percentage({ numerator, denominator, percent }: Share): string {
  return `${percent === null ? NONE : `${percent} %`} (${grouped(numerator)} ÷ ${grouped(denominator)})`;
}

/** Minutes as hours, one decimal: `1,20,000.5` */
export function hours(minutes: number): string {
  return grouped(Math.floor((minutes * 10 + 30) / 60) / 10);
}

function hundredths(value: number, unit: number): number {
  const sign = value < 0 ? -1 : 1;
  return (sign * Math.floor((Math.abs(value) * 200 + unit) / (2 * unit))) / 100;
}
