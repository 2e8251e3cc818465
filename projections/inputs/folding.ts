// What a search compares: names, codes and words so folded that the spellings of one meet, in either script. Both what is kept and
// what is asked are folded, so nothing here need be right about a language, only the same on both sides: it reads no
// locale and no clock.

import { inLatin, isAbbreviation, isLetterName } from './devanagari.ts';

const ASCII = /^[ -~]*$/;
const DEVANAGARI = /[\u0900-\u097f]+/gu;
const UNSEEN = /[\u00ad\u200b-\u200d\u2060\ufeff]/gu;
/** Diacritics of Latin letters, the nukta, and the stress signs of the Vedas. */
const MARKS = /[\u0300-\u036f\u093c\u0951-\u0954]/gu;
/** A zero or the sign ॰ after a letter of Devanagari, and no digit after it: it abbreviates, as a full stop does. */
const ABBREVIATION_SIGN = /(?<=[\u0900-\u0963\u0971-\u097f])[0\u0970](?!\d)/gu;
const BETWEEN_WORDS = /[^\p{L}\p{M}\p{N}.]+/u;

/** What is written otherwise than it is spelled, by its letters in Latin. */
const WRITTEN: { readonly [letters: string]: string } = { aigota: 'igot' };
const REMEMBERED = 20_000;
const IGOT_APART = /(?<=^| )i got(?= |$)/gu;

const initial = remembered((text) => /^[a-z]$/.test(text) || isLetterName(text));
const abbreviation = remembered((text) => initial(text) || isAbbreviation(text));

const foldedWord = remembered((word) => {
  const latin = word.replace(DEVANAGARI, inLatin);
  // A code is what it is; in a word spelling decides nothing.
  return /\d/.test(latin) ? latin : soundOf(WRITTEN[latin] ?? latin);
});

/** Beyond so many characters nothing is sought. A statement may call somebody a megabyte, and folding a word takes its length squared. */
const LONGEST = 500;

/** Folded words with a space between; empty where there is nothing to search for. */
export function foldForSearch(whole: string): string {
  const text = whole.slice(0, LONGEST);
  const plain = ASCII.test(text) ? text.toLowerCase() : plainOf(text);
  const words = wordsOf(plain).map(foldedWord);
  return words
    .filter((word) => word !== '')
    .join(' ')
    .replace(IGOT_APART, 'igot');
}

/** Without what Unicode lets one write in several ways. */
function plainOf(text: string): string {
  return text
    .normalize('NFKD')
    .toLowerCase()
    .replace(UNSEEN, '')
    .replace(MARKS, '')
    .replace(/\u0901/gu, '\u0902')
    .replace(/[\u0966-\u096f]/gu, (digit) => String(digit.charCodeAt(0) - 0x966))
    .replace(ABBREVIATION_SIGN, '.');
}

/** The folded words of a text, in order. */
export function foldedWords(text: string): string[] {
  const folded = foldForSearch(text);
  return folded === '' ? [] : folded.split(' ');
}

/** The words of a text; what abbreviations and initials are cut into (ए.एन.एम., R. K.) is one word. */
function wordsOf(text: string): readonly string[] {
  const words: string[] = [];
  let initials = '';
  const end = (): void => {
    if (initials !== '') words.push(initials);
    initials = '';
  };
  for (const part of text.split(BETWEEN_WORDS)) {
    const pieces = part.split('.').filter((piece) => piece !== '');
    if (pieces.length === 1 && initial(pieces[0]!)) {
      initials += pieces[0];
      continue;
    }
    end();
    for (const piece of pieces) {
      if (abbreviation(piece)) {
        initials += piece;
        continue;
      }
      end();
      words.push(piece);
    }
    end();
  }
  end();
  return words;
}

/**
 * Roughly how a word sounds: one letter for what is spelled in several ways, and no a after a consonant but in the first
 * syllable. That vowel alone is written or left out at will (Kamla, Kamala, कमला), and its length is not written.
 */
function soundOf(latin: string): string {
  return latin
    .replace(/ee/g, 'i')
    .replace(/oo/g, 'u')
    .replace(/([a-z])\1+/g, '$1')
    .replace(/sh/g, 's')
    .replace(/ph/g, 'f')
    .replace(/x/g, 'ks')
    .replace(/q|ck/g, 'k')
    .replace(/z/g, 'j')
    .replace(/jn/g, 'gy')
    .replace(/(?:au|ou|ow)(?![aeiou])/g, 'o')
    .replace(/w/g, 'v')
    .replace(/iy(?=[aeiou])/g, 'i')
    .replace(/(?<=[^aeiou])y$/, 'i')
    .replace(/ai(?![^aeiou])/g, 'ay')
    .replace(/(?:ai|ei)(?=[^aeiou])/g, 'e')
    .replace(/(?<=[aeiou].*[^aeiou])a/g, '')
    .replace(/ay(?=[^aeiou])/g, 'e')
    .replace(/ey$/, 'e');
}

/** Names recur: of two million people they are some ten thousand. */
function remembered<T>(of: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>();
  return (text) => {
    let found = known.get(text);
    if (found === undefined) {
      found = of(text);
      if (known.size >= REMEMBERED) known.clear();
      known.set(text, found);
    }
    return found;
  };
}
