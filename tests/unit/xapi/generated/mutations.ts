// One change of a valid statement, drawn by fast-check: what a client gets wrong, or writes in another way.

import fc from 'fast-check';
import { CHARACTERS, KEYS, SPELLINGS, TYPES, VALUES } from './spellings.ts';

export interface Mutation {
  readonly kind: (typeof KINDS)[number];
  /** Which place of the statement, of those where this kind can be: modulo their number. */
  readonly at: number;
  /** Which other place, for kinds that need two. */
  readonly other: number;
  readonly value: unknown;
  readonly key: string;
  readonly form: number;
  readonly edit: Edit;
}

interface Edit {
  readonly insert: string;
  readonly remove: number;
  readonly at: number;
}

const KINDS = [
  'drop',
  'replace',
  'retype',
  'empty',
  'form',
  'form',
  'form',
  'form',
  'type',
  'edit',
  'edit',
  'borrow',
  'rename',
  'add',
  'case',
  'double',
  'wrap',
  'exchange',
] as const;

/** The format of the value at a path, by its property; of language maps and extensions, the format of the key. */
function formatOf(path: Path, value: unknown): string | undefined {
  if (isMapKey(path)) return path.at(-2) === 'extensions' ? 'iri' : 'languageTag';
  if (typeof value === 'number') return 'number';
  const name = path.at(-1);
  switch (name) {
    case 'timestamp':
    case 'stored':
      return 'timestamp';
    case 'mbox':
      return 'mailto';
    case 'mbox_sha1sum':
      return 'sha1';
    case 'contentType':
      return 'mediaType';
    case 'language':
      return 'languageTag';
    case 'registration':
      return 'uuid';
    case 'id':
      return typeof value === 'string' && /^[0-9a-f]{8}-/i.test(value) ? 'uuid' : 'iri';
    case 'openid':
    case 'homePage':
    case 'usageType':
    case 'type':
    case 'moreInfo':
    case 'fileUrl':
      return 'iri';
    default:
      return name !== undefined && Object.hasOwn(SPELLINGS, name) ? String(name) : undefined;
  }
}

export const mutation: fc.Arbitrary<Mutation> = fc.record({
  kind: fc.constantFrom(...KINDS),
  at: fc.nat(1_000_000),
  other: fc.nat(1_000_000),
  value: fc.constantFrom(...VALUES),
  key: fc.constantFrom(...KEYS),
  form: fc.nat(1_000_000),
  edit: fc.record({ insert: fc.constantFrom('', ...CHARACTERS), remove: fc.nat(2), at: fc.nat(1_000_000) }),
});

export type Path = readonly (string | number)[];

interface Place {
  readonly path: Path;
  readonly holder: Holder;
  readonly key: string | number;
  readonly value: unknown;
}

type Holder = Record<string | number, unknown>;

/** Every value of the statement but what stands inside extensions: that is nobody's business (Data 4.1). */
export function placesOf(value: unknown): Place[] {
  const places: Place[] = [];
  const walk = (holder: Holder, path: Path) => {
    for (const name of Object.keys(holder)) {
      const key = Array.isArray(holder) ? Number(name) : name;
      const at = [...path, key];
      const held = holder[key];
      places.push({ path: at, holder, key, value: held });
      if (typeof held === 'object' && held !== null && path.at(-1) !== 'extensions') walk(held as Holder, at);
    }
  };
  if (typeof value === 'object' && value !== null) walk(value as Holder, []);
  return places;
}

/** The statement changed: a copy, or the same when the change has no place in it. */
export function mutated(
  statement: Readonly<Record<string, unknown>>,
  change: Mutation,
): Readonly<Record<string, unknown>> {
  const copy = structuredClone(statement) as Record<string, unknown>;
  const places = placesOf(copy);
  const where = (holds: (place: Place) => boolean): Place | undefined => {
    const fit = places.filter(holds);
    return fit[change.at % Math.max(fit.length, 1)];
  };
  const anywhere = where(() => true)!;
  const put = (place: Place | undefined, value: unknown) => {
    if (place) place.holder[place.key] = value;
  };
  switch (change.kind) {
    case 'drop':
      if (Array.isArray(anywhere.holder)) anywhere.holder.splice(Number(anywhere.key), 1);
      else delete anywhere.holder[anywhere.key];
      break;
    case 'replace':
      put(anywhere, structuredClone(change.value));
      break;
    case 'retype':
      put(anywhere, retyped(anywhere.value));
      break;
    case 'empty':
      put(anywhere, Array.isArray(anywhere.value) ? [] : typeof anywhere.value === 'string' ? '' : {});
      break;
    case 'form': {
      // First the format, so that the rare ones are not rare here.
      const formats = new Set(places.map(({ path, value }) => formatOf(path, value)));
      formats.delete(undefined);
      const format = pick([...formats], change.other);
      const place = where(({ path, value }) => formatOf(path, value) === format)!;
      const form = pick(SPELLINGS[format!]!, change.form);
      if (isMapKey(place.path)) rename(place, String(form));
      else put(place, form);
      break;
    }
    case 'type': {
      const place = where(({ key }) => key === 'objectType');
      const type = pick(TYPES, change.form);
      if (type === undefined) delete place?.holder.objectType;
      else put(place, type);
      break;
    }
    case 'edit': {
      const place = where(({ path, value }) => typeof value === 'string' && formatOf(path, value) !== undefined);
      if (!place) break;
      const before = isMapKey(place.path) ? String(place.key) : String(place.value);
      const at = change.edit.at % (before.length + 1);
      const after = before.slice(0, at) + change.edit.insert + before.slice(at + change.edit.remove);
      if (isMapKey(place.path)) rename(place, after);
      else put(place, after);
      break;
    }
    case 'borrow':
      put(anywhere, structuredClone(places[change.other % places.length]!.value));
      break;
    case 'rename':
      rename(
        where(({ holder }) => !Array.isArray(holder)),
        change.key,
      );
      break;
    case 'add': {
      const place = where(({ value }) => typeof value === 'object' && value !== null && !Array.isArray(value));
      const holder = change.form % 4 === 0 ? (copy as Holder) : (place?.value as Holder | undefined);
      const value = change.form % 3 === 0 ? change.value : places[change.other % places.length]!.value;
      if (holder) holder[change.key] = structuredClone(value);
      break;
    }
    case 'case': {
      const place =
        change.form % 2
          ? where(({ holder }) => !Array.isArray(holder))
          : where(({ value }) => typeof value === 'string');
      if (!place) break;
      if (change.form % 2) rename(place, otherCase(String(place.key)));
      else put(place, otherCase(String(place.value)));
      break;
    }
    case 'double': {
      const place = where(({ holder }) => Array.isArray(holder));
      if (place) (place.holder as unknown as unknown[]).push(structuredClone(place.value));
      break;
    }
    case 'wrap':
      put(anywhere, Array.isArray(anywhere.value) && anywhere.value.length > 0 ? anywhere.value[0] : [anywhere.value]);
      break;
    case 'exchange': {
      const other = places[change.other % places.length]!;
      // One inside the other would make a ring.
      if (isWithin(anywhere.path, other.path) || isWithin(other.path, anywhere.path)) break;
      put(anywhere, other.value);
      put(other, anywhere.value);
      break;
    }
  }
  return copy;
}

/** The value holds a key of a language map or of extensions, which have formats of their own. */
function isMapKey(path: Path): boolean {
  const holder = path.at(-2);
  return (
    holder === 'extensions' ||
    holder === 'display' ||
    holder === 'description' ||
    (holder === 'name' && path.length > 2)
  );
}

function rename(
  { holder, key, value }: Place | { holder: Holder; key: string | number; value: unknown } = NOWHERE,
  to: string,
): void {
  if (to === '__proto__' || Array.isArray(holder)) return;
  delete holder[key];
  holder[to] = value;
}
const NOWHERE = { holder: {}, key: '', value: undefined };

function retyped(value: unknown): unknown {
  switch (typeof value) {
    case 'string':
      return Number.isNaN(Number(value)) ? value.length : Number(value);
    case 'number':
    case 'boolean':
      return String(value);
    default:
      return Array.isArray(value) ? { ...value } : JSON.stringify(value);
  }
}

function otherCase(text: string): string {
  const upper = text.toUpperCase();
  return text === upper ? text.toLowerCase() : upper;
}

function pick<T>(from: readonly T[], at: number): T {
  return from[at % from.length]!;
}

function isWithin(path: Path, holder: Path): boolean {
  return holder.every((step, place) => step === path[place]);
}
