// Inputs as they lie on a shelf: records of 24 bytes in the order in which they were recorded, those of 64 subjects together. In
// bytes: 0 subject on the shelf · 1 what it is · 2–3 first day, or seconds · 4–7 activity, node, subject or session ·
// 8–11 instant, or details · 12–13 score, or last day · 16–19 recorded · 20–23 withdrawn. Little endian.

import type { Day } from '../../../contracts/days.ts';
import {
  type ActivityNumber,
  FACT_KINDS,
  type FactKind,
  type Input,
  type NodeNumber,
  OPEN_END,
  type SubjectNumber,
} from '../../../projections/inputs/types.ts';
import { SUBJECTS_A_SHELF } from './layout.ts';

export const ENTRY_BYTES = 24;

const POSTINGS = ['substantive', 'deputation', 'additional-charge'] as const;
const SERVICES = ['leave', 'suspension', 'retired', 'died', 'resigned', 'dismissed'] as const;

/** What the second byte says. Facts are below 32, by their kind. */
export const CODES = {
  posting: 32,
  service: 40,
  onboarded: 48,
  link: 49,
  owner: 50,
  absent: 51,
  attended: 52,
} as const;

const NO_SCORE = -0x8000;
const NO_SECONDS = 0xffff;
/** People now in service may have been posted before 1970; days are kept from here on. */
const FIRST_DAY = -12_000;

export const shelfOf = (subject: SubjectNumber): number => Math.floor(subject / SUBJECTS_A_SHELF);
export const slotOf = (subject: SubjectNumber): number => subject % SUBJECTS_A_SHELF;

export const codeOfPosting = (kind: (typeof POSTINGS)[number]): number => POSTINGS.indexOf(kind);

export const packDay = (day: Day): number => (day === OPEN_END ? OPEN_END : Math.max(0, day - FIRST_DAY));
export const unpackDay = (packed: number): Day => (packed === OPEN_END ? OPEN_END : packed + FIRST_DAY) as Day;

export const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** Writes one input of a subject at a place of a view. */
export function writeInput(view: DataView, at: number, subject: SubjectNumber, input: Input): void {
  let code: number;
  let low = 0;
  let number = 0;
  let wide = 0;
  let high = 0;
  switch (input.is) {
    case 'fact':
      code = FACT_KINDS.indexOf(input.kind);
      low = input.seconds ?? NO_SECONDS;
      number = input.activity;
      wide = Math.max(0, input.at);
      high = input.score ?? NO_SCORE;
      break;
    case 'posting':
      code = CODES.posting + codeOfPosting(input.kind);
      low = packDay(input.from);
      number = input.node;
      wide = input.details;
      high = packDay(input.to);
      break;
    case 'service':
      code = CODES.service + SERVICES.indexOf(input.change);
      low = packDay(input.from);
      high = packDay(input.to);
      break;
    case 'onboarded':
      code = CODES.onboarded;
      low = packDay(input.on);
      break;
    case 'link':
    case 'owner':
      code = CODES[input.is];
      low = packDay(input.from);
      number = input.other;
      high = packDay(input.to);
      break;
    case 'attendance':
      code = input.attended ? CODES.attended : CODES.absent;
      number = input.session;
  }
  view.setUint8(at, slotOf(subject));
  view.setUint8(at + 1, code);
  view.setUint16(at + 2, low, true);
  view.setUint32(at + 4, number, true);
  view.setUint32(at + 8, wide, true);
  view.setUint16(at + 12, high & 0xffff, true);
  view.setUint16(at + 14, 0, true);
  view.setUint32(at + 16, input.recorded, true);
  view.setUint32(at + 20, input.withdrawn, true);
}

export function readInput(view: DataView, at: number): Input {
  const code = view.getUint8(at + 1);
  const low = view.getUint16(at + 2, true);
  const number = view.getUint32(at + 4, true);
  const high = view.getUint16(at + 12, true);
  const recorded = view.getUint32(at + 16, true);
  const withdrawn = view.getUint32(at + 20, true);
  if (code < CODES.posting) {
    const score = view.getInt16(at + 12, true);
    return {
      is: 'fact',
      kind: FACT_KINDS[code] as FactKind,
      activity: number as ActivityNumber,
      at: view.getUint32(at + 8, true),
      recorded,
      withdrawn,
      ...(score !== NO_SCORE && { score }),
      ...(low !== NO_SECONDS && { seconds: low }),
    };
  }
  if (code < CODES.service) {
    return {
      is: 'posting',
      kind: POSTINGS[code - CODES.posting]!,
      node: number as NodeNumber,
      details: view.getUint32(at + 8, true),
      from: unpackDay(low),
      to: unpackDay(high),
      recorded,
      withdrawn,
    };
  }
  if (code < CODES.onboarded) {
    const change = SERVICES[code - CODES.service]!;
    return { is: 'service', change, from: unpackDay(low), to: unpackDay(high), recorded, withdrawn };
  }
  switch (code) {
    case CODES.onboarded:
      return { is: 'onboarded', on: unpackDay(low), recorded, withdrawn };
    case CODES.link:
    case CODES.owner:
      return {
        is: code === CODES.link ? 'link' : 'owner',
        other: number as SubjectNumber,
        from: unpackDay(low),
        to: unpackDay(high),
        recorded,
        withdrawn,
      };
    default:
      return { is: 'attendance', session: number, attended: code === CODES.attended, recorded, withdrawn };
  }
}

/** The inputs of one subject among those of its shelf's parts, in order. */
export function inputsIn(parts: readonly Uint8Array[], subject: SubjectNumber): Input[] {
  const slot = slotOf(subject);
  const found: Input[] = [];
  for (const part of parts) {
    const view = viewOf(part);
    for (let at = 0; at < part.byteLength; at += ENTRY_BYTES) {
      if (part[at] === slot) found.push(readInput(view, at));
    }
  }
  return found;
}
