// Devanagari in Latin letters, as one writes names: राम → rama, सुनीता → sunita. Not a transliteration to read, only one to compare:
// what spelling does not keep apart (long and short vowels, dentals and retroflexes) is one letter here too. And the names
// of the English letters: एएनएम → anm.

const CONSONANTS = pairs(
  'क k ख kh ग g घ gh ङ n च ch छ ch ज j झ jh ञ n ट t ठ th ड d ढ dh ण n त t थ th द d ध dh न n ' +
    'प p फ f ब b भ bh म m य y र r ल l ळ l व v श sh ष sh स s ह h',
);
const VOWELS = pairs('अ a आ a इ i ई i उ u ऊ u ऋ ri ऌ l ऍ e ऎ e ए e ऐ ai ऑ o ऒ o ओ o औ au ॐ om');
const SIGNS = pairs('ा a ि i ी i ु u ू u ृ ri ॅ e ॆ e े e ै ai ॉ o ॊ o ो o ौ au');
const VIRAMA = '्';
const ANUSVARA = 'ं';

const LETTER_NAMES = pairs(
  'ए a ऐ a बी b सी c डी d ई e एफ f ऐफ f जी g एच h ऐच h आई i आइ i जे j के k एल l ऐल l एम m ऐम m ' +
    'एन n ऐन n ओ o पी p क्यू q क्यु q आर r एस s ऐस s टी t यू u वी v डब्ल्यू w डब्लू w डबल्यू w ' +
    'एक्स x ऐक्स x वाई y वाय y जेड z जैड z',
);
const NAMES = [...LETTER_NAMES.keys()].join('|');
const ONE_NAME = new RegExp(`^(?:${NAMES})$`, 'u');
const ONLY_NAMES = new RegExp(`^(?:${NAMES})+$`, 'u');
/** A name with nothing but names after it: so a word is cut in the one way that leaves no rest. */
const NEXT_NAME = new RegExp(`(?:${NAMES})(?=(?:${NAMES})*$)`, 'gu');

/** Made of letter names, and yet a word: the name Bibi. */
const BIBI = 'बीबी';

/** A consonant, or several joined, with at most one vowel; or a vowel alone: what one abbreviates a word to. */
const SYLLABLE = /^(?:[\u0915-\u0939](?:\u094d[\u0915-\u0939])*[\u093e-\u094c]?|[\u0904-\u0914])[\u0902\u0903]?$/u;

/** Whether this is the name of one English letter. */
export function isLetterName(text: string): boolean {
  return ONE_NAME.test(text);
}

/** Whether this is what a word is abbreviated to: उ and प्र of उ०प्र०, or letter names. */
export function isAbbreviation(text: string): boolean {
  return SYLLABLE.test(text) || ONLY_NAMES.test(text);
}

/** A word in Devanagari, without nukta and with every nasal sign an anusvara, in Latin letters. */
export function inLatin(word: string): string {
  if (ONLY_NAMES.test(word) && word !== BIBI) return word.replace(NEXT_NAME, (name) => LETTER_NAMES.get(name)!);
  let latin = '';
  for (let i = 0; i < word.length; i++) {
    const letter = word[i]!;
    const next = word[i + 1] ?? '';
    const consonant = CONSONANTS.get(letter);
    if (consonant !== undefined) latin += SIGNS.has(next) || next === VIRAMA ? consonant : consonant + 'a';
    else if (letter === ANUSVARA) latin += nasalBefore(next);
    else latin += VOWELS.get(letter) ?? SIGNS.get(letter) ?? '';
  }
  return latin;
}

/** कंप्यूटर is कम्प्यूटर; सिंह is said, and written, Singh. */
function nasalBefore(letter: string): string {
  if (letter === 'ह') return 'ng';
  return /[पफबभम]/u.test(letter) ? 'm' : 'n';
}

/** `'क k ख kh'` → क: k, ख: kh */
function pairs(text: string): ReadonlyMap<string, string> {
  const words = text.split(' ');
  return new Map(words.flatMap((word, i) => (i % 2 === 0 ? [[word, words[i + 1]!]] : [])));
}
