// The brief as people read it: both languages, lakh and crore, every percentage with its parts, and as of when.

import { describe, expect, test } from 'vitest';
import { type AsOf, type Brief, brief as briefSchema, shareOf } from '../../../contracts/http/reports.ts';
import { briefPage, briefText } from '../../../src/http/reports/brief.ts';

const AS_OF: AsOf = {
  on: '2026-03-31',
  knownAt: '2026-04-09T18:29:59.999999Z',
  sequence: 4711,
  final: true,
  lagMs: 0,
  simulatedClock: true,
};
const BRIEF = briefSchema.parse({
  department: { id: 'up', kind: 'state', names: { hi: 'उत्तर प्रदेश', en: 'Uttar Pradesh' } },
  financialYear: '2025-26',
  metrics: {
    strength: 19_00_000,
    paused: 12,
    onboarded: 18_80_000,
    active7: 0,
    active30: 0,
    activeYear: 0,
    enrolled: 0,
    inProgress: 0,
    withCompletion: 10_00_000,
    completions: 72_00_000,
    repeats: 5,
    creditedMinutes: 90,
    implausible: 3,
    caseStudies: 0,
    attendedAll: 0,
    score: { count: 0, mean: null },
    rating: { count: 2, mean: 4.255 },
    onboardedShare: shareOf(18_80_000, 19_00_000),
    completionShare: shareOf(10_00_000, 18_80_000),
  },
  national: [
    {
      figure: 'onboarded',
      value: 18_80_000,
      nation: { value: 1_45_00_000, financialYear: '2025-26', on: '2026-03-01', source: 'PIB <release>' },
      share: shareOf(18_80_000, 1_45_00_000),
    },
    { figure: 'courses', value: null, nation: null, share: null },
  ],
  cadres: [
    {
      designation: 'एएनएम',
      cadre: 'contractual',
      strength: 40,
      onboarded: 0,
      withCompletion: 0,
      completions: 0,
      completionShare: shareOf(0, 0),
    },
  ],
  sessions: [],
  tags: [{ tag: 'ai', learners: 1, completions: 2, courses: 3, share: shareOf(1, 3) }],
  catalogue: {
    courses: 4_179,
    byLanguage: [
      { language: 'hi', courses: 840 },
      { language: 'mul', courses: 1 },
    ],
  },
} satisfies Brief);

describe('as text', () => {
  const hindi = briefText(BRIEF, AS_OF, 'hi');

  test('Hindi first, English beside it; the other way round when asked', () => {
    expect(hindi).toContain('पंजीकृत · Onboarded: 18,80,000 (18.8 लाख)');
    expect(briefText(BRIEF, AS_OF, 'en')).toContain('Onboarded · पंजीकृत: 18,80,000 (18.8 lakh)');
    expect(hindi).toContain('उत्तर प्रदेश · Uttar Pradesh');
  });

  test('as of when, in the time of Kolkata, and that the clock was a made-up one', () => {
    expect(hindi).toContain('स्थिति दिनांक · As on: 31.03.2026');
    expect(hindi).toContain('As known at: 09.04.2026 23:59:59 IST');
    expect(hindi).toContain('4711');
    expect(hindi).toContain('simulated');
    const { simulatedClock: _, ...real } = AS_OF;
    expect(briefText(BRIEF, real, 'hi')).not.toContain('simulated');
  });

  test('every percentage says what was divided by what, and none of nothing is 100', () => {
    expect(hindi).toContain('53.19 % (10,00,000 ÷ 18,80,000)');
    expect(hindi).toContain('12.97 % (18,80,000 ÷ 1,45,00,000)');
    expect(hindi).toContain('— (0 ÷ 0)');
    expect(hindi).not.toMatch(/%(?! \([\d,]+ ÷ [\d,]+\))/);
  });

  test('the nation in crore, with its source and date; what is not known is a dash', () => {
    expect(hindi).toContain('1,45,00,000 (1.45 करोड़)');
    expect(hindi).toContain('PIB <release>, 01.03.2026');
    expect(hindi).toContain('पाठ्यक्रम · Courses: विभाग · Department —');
    expect(hindi).not.toContain('अरब');
    expect(hindi).toContain('कोई प्रविष्टि नहीं · No entries');
  });

  test('languages by their names', () => {
    expect(hindi).toContain('हिन्दी · Hindi: 840');
  });
});

describe('as a page', () => {
  const page = briefPage(BRIEF, AS_OF, 'hi');

  test('says what the text says, marked with its languages', () => {
    expect(page).toContain('<html lang="hi">');
    expect(page).toContain(
      '<span lang="hi">पंजीकृत</span> <span class="beside">· <span lang="en">Onboarded</span></span>',
    );
    expect(page).toContain('18,80,000 (18.8 लाख)');
  });

  test('what people typed is text', () => {
    expect(page).toContain('PIB &lt;release&gt;');
    expect(page).not.toContain('<release>');
  });

  test('loads nothing and runs nothing', () => {
    expect(page).not.toMatch(/<script|\ssrc=|\shref=|url\(/);
  });
});
