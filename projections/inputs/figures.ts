// The nation's figures, as imported: each with its day, financial year and source.

import type { Day } from '../../contracts/days.ts';
import { isSeenAt } from './knowledge.ts';
import { type NationalFigure, STANDING } from './types.ts';

export class Figures {
  /** In the order in which they were recorded. */
  readonly #figures: NationalFigure[] = [];
  readonly #changed: (number: number) => void;

  constructor(changed: (number: number) => void) {
    this.#changed = changed;
  }

  all(): readonly NationalFigure[] {
    return this.#figures;
  }

  row(number: number): NationalFigure {
    return this.#figures[number - 1]!;
  }

  put(number: number, figure: NationalFigure): void {
    this.#figures[number - 1] = figure;
  }

  /** A figure of the same year and day takes the place of the one before. */
  record(
    figure: {
      readonly figure: string;
      readonly financialYear: string;
      readonly value: number;
      readonly source: string;
    },
    on: Day,
    recorded: number,
  ): void {
    const { figure: name, financialYear, value, source } = figure;
    const former = this.#figures.findIndex(
      (one) =>
        one.withdrawn === STANDING && one.figure === name && one.financialYear === financialYear && one.on === on,
    );
    if (former >= 0) {
      this.put(former + 1, { ...this.#figures[former]!, withdrawn: recorded });
      this.#changed(former + 1);
    }
    this.#figures.push({ figure: name, financialYear, value, on, source, recorded, withdrawn: STANDING });
    this.#changed(this.#figures.length);
  }

  /** The last one up to a day, of a financial year. */
  on(figure: string, financialYear: string, day: Day, knownAt: number): NationalFigure | undefined {
    let found: NationalFigure | undefined;
    for (const one of this.#figures) {
      if (one.figure !== figure || one.financialYear !== financialYear || one.on > day || !isSeenAt(one, knownAt))
        continue;
      if (!found || one.on > found.on) found = one;
    }
    return found;
  }
}
