// Where a text stops being JSON: JSON.parse says so only at times, and quotes what was sent. Runs on refused bodies alone.

const SCALAR = /true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON strings may not hold control characters
const CHARACTERS = /[^"\\\u0000-\u001f]+/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

/** An open array or object, and the index or name that stands next in it; the empty name before one is read. */
interface Open {
  readonly close: ']' | '}';
  at: number | string;
}

/**
 * Offset of the first character that is wrong, in UTF-16 units, and the path of the value it stands in. Gives up where arrays
 * and objects are nested deeper than `mostNesting`: that is wrong too.
 */
export function placeOfError(
  text: string,
  mostNesting: number,
): { readonly position: number; readonly path: readonly PropertyKey[] } {
  const open: Open[] = [];
  let position = 0;
  const here = () => ({ position, path: open.map(({ at }) => at).filter((at) => at !== '') });
  const read = (pattern: RegExp): boolean => {
    pattern.lastIndex = position;
    if (!pattern.test(text)) return false;
    position = pattern.lastIndex;
    return true;
  };
  const skipBlanks = () => {
    for (;;) {
      const code = text.charCodeAt(position);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
      position++;
    }
  };
  // Piece by piece: one pattern over a string of many megabytes would exhaust the engine's stack.
  const readString = (): boolean => {
    if (text[position] !== '"') return false;
    position++;
    while (read(CHARACTERS) || read(ESCAPE));
    if (text[position] !== '"') return false;
    position++;
    return true;
  };
  /** A name and its colon, as every member of an object begins. */
  const readName = (into: Open): boolean => {
    skipBlanks();
    const start = position;
    if (!readString()) return false;
    into.at = JSON.parse(text.slice(start, position)) as string;
    skipBlanks();
    if (text[position] !== ':') return false;
    position++;
    return true;
  };

  for (;;) {
    skipBlanks();
    const first = text[position];
    if (first === '[' || first === '{') {
      if (open.length === mostNesting) return here();
      position++;
      const container: Open = first === '[' ? { close: ']', at: 0 } : { close: '}', at: '' };
      open.push(container);
      skipBlanks();
      if (text[position] !== container.close) {
        if (container.close === '}' && !readName(container)) return here();
        continue;
      }
      position++;
      open.pop();
    } else if (!(first === '"' ? readString() : read(SCALAR))) return here();

    // Behind a value: close what ends here, then a comma and the next value.
    for (;;) {
      skipBlanks();
      const last = open.at(-1);
      if (last === undefined) return here();
      if (text[position] === last.close) {
        position++;
        open.pop();
        continue;
      }
      if (text[position] !== ',') return here();
      position++;
      if (typeof last.at === 'number') last.at++;
      else {
        last.at = '';
        if (!readName(last)) return here();
      }
      break;
    }
  }
}
