// Texts that stand in many rows are kept once and meant by a number, given in the order of first naming, from 1.

export class Interned<N extends number> {
  readonly #texts: string[] = [];
  readonly #numbers = new Map<string, N>();
  readonly #changed: (number: N) => void;

  constructor(changed: (number: N) => void) {
    this.#changed = changed;
  }

  /** The number of a text, given now where it has none. */
  number(text: string): N {
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    const number = (this.#texts.length + 1) as N;
    this.put(number, text);
    this.#changed(number);
    return number;
  }

  find(text: string): N | undefined {
    return this.#numbers.get(text);
  }

  text(number: N): string {
    const text = this.#texts[number - 1];
    if (text === undefined) throw new RangeError(`No text has the number ${number}.`);
    return text;
  }

  row(number: N): string {
    return this.text(number);
  }

  put(number: N, text: string): void {
    this.#texts[number - 1] = text;
    this.#numbers.set(text, number);
  }
}
