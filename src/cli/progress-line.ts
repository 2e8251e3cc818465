// One line on standard error that says how far a long command has come: rewritten in place on a terminal, else now and then.

const ON_A_TERMINAL_MS = 200;
const ELSEWHERE_MS = 5000;

export class ProgressLine {
  readonly #out: NodeJS.WriteStream;
  readonly #what: string;
  readonly #begun = performance.now();
  #shown = Number.NEGATIVE_INFINITY;
  #open = false;

  constructor(out: NodeJS.WriteStream, what: string) {
    this.#out = out;
    this.#what = what;
  }

  /** `part`: of the whole, from 0 to 1, where it is known. */
  show(done: number, part?: number): void {
    const now = performance.now();
    if (now - this.#shown < (this.#out.isTTY ? ON_A_TERMINAL_MS : ELSEWHERE_MS)) return;
    this.#shown = now;
    const seconds = (now - this.#begun) / 1000;
    const rate = Math.round(done / Math.max(seconds, 0.001));
    const left =
      part !== undefined && part > 0 && part < 1 ? `, about ${inWords((seconds / part) * (1 - part))} left` : '';
    const share = part === undefined ? '' : ` · ${Math.min(100, Math.floor(part * 100))} %`;
    this.#write(`${done.toLocaleString('en-IN')} ${this.#what}${share} · ${rate.toLocaleString('en-IN')}/s${left}`);
  }

  /** Something to know, on a line of its own. */
  note(words: string): void {
    this.#close();
    this.#out.write(`${words}\n`);
  }

  end(words?: string): void {
    this.#close();
    if (words) this.#out.write(`${words}\n`);
  }

  #write(text: string): void {
    if (!this.#out.isTTY) this.#out.write(`${text}\n`);
    else {
      this.#out.write(`\r${text}\u001b[K`);
      this.#open = true;
    }
  }

  #close(): void {
    if (this.#open) this.#out.write('\n');
    this.#open = false;
  }
}

function inWords(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  return seconds < 5400 ? `${Math.ceil(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}
