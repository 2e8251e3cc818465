// What a search takes for the same, and what it keeps apart.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { foldedWords, foldForSearch } from '../../../projections/inputs/folding.ts';

/** All fold to one. */
function meet(...spellings: readonly string[]): void {
  const first = foldForSearch(spellings[0]!);
  expect(first).not.toBe('');
  expect(Object.fromEntries(spellings.map((spelling) => [spelling, foldForSearch(spelling)]))).toEqual(
    Object.fromEntries(spellings.map((spelling) => [spelling, first])),
  );
}

describe('abbreviations', () => {
  test.each([
    ['anm', ['ए0एन0एम0', 'ए०एन०एम०', 'ए॰एन॰एम॰', 'ए.एन.एम.', 'एएनएम', 'ए एन एम', 'ANM', 'A.N.M.', 'a n m', 'ＡＮＭ']],
    ['igot', ['आईगॉट', 'आइगॉट', 'आईगोट', 'आई गॉट', 'iGOT', 'IGOT', 'i-GOT', 'i Got', 'आईजीओटी', 'आई0जी0ओ0टी0']],
    ['dig', ['डी0आई0जी0', 'डीआईजी', 'DIG', 'D.I.G.']],
    ['ias', ['आई0ए0एस0', 'आईएएस', 'आइएएस', 'IAS']],
    ['upr', ['उ0प्र0', 'उ०प्र०', 'उ.प्र.', 'उप्र']],
  ])('%s', (folded, spellings) => {
    meet(...spellings);
    expect(foldForSearch(spellings[0]!)).toBe(folded);
  });

  test('the name of every English letter is the letter', () => {
    const names = 'ए बी सी डी ई एफ जी एच आई जे के एल एम एन ओ पी क्यू आर एस टी यू वी डब्ल्यू एक्स वाई जेड'.split(' ');
    expect(names).toHaveLength(26);
    for (const [i, name] of names.entries()) meet(name, 'abcdefghijklmnopqrstuvwxyz'[i]!);
    meet('ज़ेड', 'Z');
    meet('पी0डब्ल्यू0डी0', 'पीडब्लूडी', 'PWD');
  });

  test('initials are one word, however they stand before a name', () => {
    meet('R.K. Singh', 'R. K. Singh', 'R K Singh', 'RK Singh', 'आर0के0 सिंह', 'आर के सिंह', 'आरके सिंह');
    expect(foldedWords('R.K. Singh')).toEqual(['rk', 'singh']);
  });

  test('an abbreviation keeps apart from what is not abbreviated', () => {
    meet('डा0 राम', 'डा0राम', 'डा. राम', 'डा राम');
    expect(foldedWords('एएनएम सीएचसी')).toEqual(['anm', 'chc'].map(foldForSearch));
    expect(foldedWords('ए0एन0एम0 सी0एच0सी0')).toEqual(foldedWords('ANM CHC'));
  });

  test('a zero that counts is no sign of abbreviation', () => {
    expect(foldForSearch('कक्षा 10')).toBe(foldForSearch('कक्षा १०'));
    expect(foldedWords('वार्ड0123')).toHaveLength(1);
    expect(foldForSearch('वार्ड0123')).toContain('0123');
  });

  test('what is made of letter names and is a name stays a name', () => {
    meet('बीबी', 'Bibi');
  });
});

describe('one script', () => {
  test('upper and lower case, diacritics, width and invisible joiners decide nothing', () => {
    meet('José', 'JOSE', 'jose\u0301', 'Ｊｏｓｅ');
    meet('क्\u200dष', 'क्ष', 'क्\u200cष');
    meet('सु\u00adनीता', 'सुनीता');
  });

  test('nukta, composed or not, and the nasal signs', () => {
    meet('\u095eातिमा', 'फ\u093cातिमा', 'फातिमा');
    meet('हिन्दी', 'हिंदी', 'हिँदी');
    meet('चाँद', 'चांद', 'चान्द');
    meet('कम्प्यूटर', 'कंप्यूटर');
  });

  test('digits of either script are equal', () => {
    meet('UP-१६/०४२', 'up-16/042', 'Up 16 042');
  });

  test('a code is kept as it is, whatever its letters', () => {
    expect(foldForSearch('EHRMS00123A')).toBe('ehrms00123a');
    expect(foldForSearch('UPAA12')).not.toBe(foldForSearch('UPA12'));
  });

  test('other scripts pass', () => {
    expect(foldedWords('اردو தமிழ்')).toHaveLength(2);
  });
});

describe('both scripts meet', () => {
  test.each([
    ['राम', ['Ram', 'Rama', 'RAM', 'Raam']],
    ['सुनीता', ['Sunita', 'Suneeta', 'SUNITA']],
    ['कमला', ['Kamla', 'Kamala']],
    ['सिंह', ['Singh']],
    ['शर्मा', ['Sharma', 'Sarma']],
    ['गुप्ता', ['Gupta']],
    ['यादव', ['Yadav', 'Yadava']],
    ['लक्ष्मी', ['Lakshmi', 'Laxmi']],
    ['कृष्ण', ['Krishna', 'Krishn']],
    ['ज्ञान', ['Gyan', 'Jnan']],
    ['प्रिया', ['Priya', 'Pria']],
    ['चौधरी', ['Chaudhary', 'Choudhari', 'Chaudhri']],
    ['पाण्डेय', ['Pandey', 'पांडेय', 'पांडे', 'Pande']],
    ['तिवारी', ['Tiwari', 'Tiwary', 'Tivari']],
    ['हुसैन', ['Hussain', 'Husain', 'Hussein']],
    ['जयदीप', ['Jaideep', 'Jaydeep', 'Jaydip']],
    ['राय', ['Rai', 'Ray']],
    ['फ़ैज़', ['Faiz', 'Phaiz']],
    ['वैशाली', ['Vaishali', 'Waishali']],
    ['मोहम्मद', ['Mohammad', 'Mohamad']],
    ['छाया', ['Chhaya', 'Chaya']],
    ['क़ासिम', ['Qasim', 'Kasim']],
    ['आशा', ['ASHA', 'Asha']],
    ['कर्मयोगी', ['Karmayogi', 'Karmyogi']],
  ])('%s', (hindi, latin) => meet(hindi, ...latin));

  test.each([
    ['Ram', 'Rima'],
    ['Sunita', 'Sunil'],
    ['राम', 'रमेश'],
    ['सीता', 'सुनीता'],
    ['Lucknow', 'Kanpur'],
    ['गीता', 'गीतांजलि'],
    ['12', '21'],
  ])('%s and %s do not', (one, other) => {
    expect(foldForSearch(one)).not.toBe(foldForSearch(other));
  });

  test('what begins alike begins alike when folded, so that one may search while typing', () => {
    expect(foldForSearch('सुनीता').startsWith(foldForSearch('Sun'))).toBe(true);
    expect(foldForSearch('Ramesh').startsWith(foldForSearch('Ra'))).toBe(true);
  });
});

test('nothing to search for is nothing', () => {
  for (const text of ['', ' ', '...', '—', '\u200d', '।']) expect(foldedWords(text)).toEqual([]);
});

test('of any text: words without spaces, none empty; the form of Unicode changes nothing', () => {
  const text = fc.string({
    unit: fc.oneof(
      fc.constantFrom(...'अआइकखगनमरलसहािीुूेैोौंँ़्०0॰. एनएमआरजीके-aeiouyrmnshkwAZ19'),
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }),
    ),
    maxLength: 40,
  });
  fc.assert(
    fc.property(text, (any) => {
      const words = foldedWords(any);
      expect(words.every((word) => /^[\p{L}\p{M}\p{N}]+$/u.test(word))).toBe(true);
      expect(foldForSearch(any)).toBe(words.join(' '));
      expect(foldedWords(any.normalize('NFD'))).toEqual(words);
      expect(foldedWords(any.normalize('NFC'))).toEqual(words);
      expect(foldedWords(` ${any}।`)).toEqual(words);
    }),
    { numRuns: 500, seed: 20260401 },
  );
});

test('of a text without end the beginning is folded, so that a name costs no more than a name', () => {
  const beginning = `Asha ${'ba'.repeat(400)}`;
  expect(foldForSearch(`${beginning} Devi`)).toBe(foldForSearch(beginning));
  expect(foldForSearch('ba'.repeat(500_000)).length).toBeLessThan(600);
});
