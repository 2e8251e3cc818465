// One spelling for what is said alike, so that a search finds it however it was written: Devanagari and Latin, abbreviations with
// and without their dots (ए0एन0एम0, एएनएम, ANM), long and short vowels. Looser than any of them: a search may find more, never less.

const DEVANAGARI = /[\u0900-\u097f]/;
const WORD = /[\p{L}\p{M}\p{N}]+/gu;
/** The mark of an abbreviation, often typed as a digit zero, and what joins letters without a sound. */
const ABBREVIATED = /(?<=[\u0904-\u0939\u093e-\u094d\u0958-\u0961])[0०॰.]+(?=[\u0904-\u0961]|[^\p{L}\p{N}]|$)/gu;
const SILENT = /[\u200b-\u200d\u093c\u0951-\u0954]/g;

/** How the Latin letters are called in Hindi. */
const LETTERS = new Map([
  ['डब्ल्यू', 'w'],
  ['एक्स', 'x'],
  ['क्यू', 'q'],
  ['जेड', 'z'],
  ['वाई', 'y'],
  ['एच', 'h'],
  ['एफ', 'f'],
  ['एल', 'l'],
  ['एम', 'm'],
  ['एन', 'n'],
  ['एस', 's'],
  ['आई', 'i'],
  ['आर', 'r'],
  ['जे', 'j'],
  ['के', 'k'],
  ['पी', 'p'],
  ['बी', 'b'],
  ['सी', 'c'],
  ['डी', 'd'],
  ['जी', 'g'],
  ['टी', 't'],
  ['यू', 'u'],
  ['वी', 'v'],
  ['ई', 'e'],
  ['ओ', 'o'],
  ['ए', 'a'],
]);
const LETTER = new RegExp([...LETTERS.keys()].join('|'), 'g');
const ONLY_LETTERS = new RegExp(`^(?:${[...LETTERS.keys()].join('|')}){2,}$`);

const SOUNDS: Readonly<Record<string, string>> = Object.fromEntries(
  (
    'अ a आ a इ i ई i उ u ऊ u ऋ ri ए e ऐ ai ऑ o ओ o औ au ऍ e ' +
    'क k ख kh ग g घ gh ङ n च ch छ chh ज j झ jh ञ n ट t ठ th ड d ढ dh ण n त t थ th द d ध dh न n ' +
    'प p फ ph ब b भ bh म m य y र r ल l ळ l व v श sh ष sh स s ह h ' +
    'ा a ि i ी i ु u ू u ृ ri े e ै ai ॉ o ो o ौ au ॅ e ं n ँ n ः h ' +
    '० 0 १ 1 २ 2 ३ 3 ४ 4 ५ 5 ६ 6 ७ 7 ८ 8 ९ 9'
  )
    .split(' ')
    .flatMap((word, i, all) => (i % 2 === 0 ? [[word, all[i + 1]!]] : [])),
);

/** The words of a text in the one spelling, in order. */
export function foldedWords(text: string): string[] {
  const plain = text.normalize('NFKC').normalize('NFD').replace(SILENT, '').normalize('NFC').replace(ABBREVIATED, '');
  return (plain.toLowerCase().match(WORD) ?? []).map(folded);
}

function folded(word: string): string {
  const latin = DEVANAGARI.test(word) ? romanised(word) : word.normalize('NFD').replace(/\p{M}/gu, '');
  if (/\d/.test(latin) || latin.length < 2) return latin;
  const head = latin[0]!;
  // What differs from one romanisation to the next: vowels' length, h after a consonant, v and w, an a that is not spoken.
  const rest = latin
    .slice(1)
    .replace(/ee|ii/g, 'i')
    .replace(/oo|uu/g, 'u')
    .replace(/w/g, 'v')
    .replace(/ph/g, 'f')
    .replace(/(?<=[bcdgjkst])h/g, '')
    .replace(/a/g, '')
    .replace(/(.)\1+/g, '$1');
  return (head === 'w' ? 'v' : head) + (/[bcdgjkst]/.test(head) ? rest.replace(/^h/, '') : rest);
}

function romanised(word: string): string {
  if (ONLY_LETTERS.test(word)) return word.replace(LETTER, (letter) => LETTERS.get(letter)!);
  // The Latin I, as in iGOT.
  const spelled = word.replace(/^आई/, 'इ');
  return Array.from(spelled, (char) => SOUNDS[char] ?? (DEVANAGARI.test(char) ? '' : char)).join('');
}
