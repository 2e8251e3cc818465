// Deterministic ids: what comes without an id gets one from its own content, so that loading it twice stores it once.

import { v5 as uuidV5 } from 'uuid';

/** Namespaces of the name-based ids (RFC 9562 5.5). Never changed: another value would load every old source a second time. */
export const NAMESPACES = {
  statement: 'b3c5e4c6-0d5f-5c39-8a35-5f2f6a1b7c11',
  completion: '4f0d7a52-6f0e-5a0c-9d0e-2f0a5b7d3e86',
} as const;

/**
 * The id of a statement that has none: a version 5 UUID of its canonical JSON. Two statements without ids and with equal
 * content, timestamp included, are the same statement.
 */
export function idFromContent(statement: unknown, namespace: keyof typeof NAMESPACES): string {
  return uuidV5(canonicalJson(statement), NAMESPACES[namespace]);
}

/** JSON with the members of every object in the order of their UTF-16 code units and no white space (as RFC 8785 orders them). */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`);
  return `{${members.join(',')}}`;
}
