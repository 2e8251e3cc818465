// Timestamps of statements and of `since` and `until`: ISO 8601 in 1.0.3 (Data 4.5), RFC 3339 in 2.0 (4.2.7).

import type { Microseconds, XapiVersion } from '../words.ts';

const MINUTE = 60_000_000;
const DAY = 24 * 60 * MINUTE;

/** Date and time of day joined by T: extended, then basic; what is left out of the time is zero. The zone is the last group. */
const EXTENDED = /^(\d{4})-(\d\d)-(\d\d)T(\d\d)(?::(\d\d)(?::(\d\d)(?:[.,](\d+))?)?)?(Z|[+-]\d\d(?::?\d\d)?)?$/i;
const BASIC = /^(\d{4})(\d\d)(\d\d)T(\d\d)(?:(\d\d)(?:(\d\d)(?:[.,](\d+))?)?)?(Z|[+-]\d\d(?::?\d\d)?)?$/i;
const RFC_3339 = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)$/i;

/** An offset of minus zero says "local offset unknown" in RFC 3339 and is no ISO 8601; both versions refuse it. */
const MINUS_ZERO = /^-00(?::?00)?$/;

const DAYS_IN_MONTH = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/**
 * Microseconds of a timestamp; digits beyond the sixth decimal are cut off. Undefined when it is not one.
 * 1.0.3 takes ISO 8601 extended and basic, the time cut short, and a missing zone as UTC; 2.0 takes RFC 3339 alone.
 */
export function parseTimestamp(text: string, version: XapiVersion): Microseconds | undefined {
  const common = version === '2.0.0' ? undefined : EXTENDED.exec(text);
  const parts = version === '2.0.0' ? RFC_3339.exec(text) : (common ?? BASIC.exec(text));
  if (!parts) return undefined;
  const year = Number(parts[1]);
  const month = Number(parts[2]);
  const day = Number(parts[3]);
  const hour = Number(parts[4]);
  const minute = Number(parts[5] ?? 0);
  const second = Number(parts[6] ?? 0);
  const fraction = parts[7] === undefined ? 0 : Number(parts[7].slice(0, 6).padEnd(6, '0'));
  if (month < 1 || month > 12 || day < 1 || day > DAYS_IN_MONTH[month - 1]!) return undefined;
  if (month === 2 && day === 29 && !isLeapYear(year)) return undefined;
  if (minute > 59 || second > 60) return undefined;
  // 24:00:00 is the end of the day in ISO 8601:2004 (4.2.3); RFC 3339 stops at 23.
  if (hour > 23 && !(version === '1.0.3' && hour === 24 && minute === 0 && second === 0 && fraction === 0)) {
    return undefined;
  }
  const offset = zoneOffset(parts[8]);
  if (offset === undefined) return undefined;
  const time = ((hour * 60 + minute) * 60 + second) * 1_000_000 + fraction;
  return (daysSinceEpoch(year, month, day) * DAY + time - offset * MINUTE) as Microseconds;
}

/** Minutes east of Greenwich; undefined when it is no offset. */
function zoneOffset(zone: string | undefined): number | undefined {
  if (zone === undefined || zone === 'Z' || zone === 'z') return 0;
  if (MINUS_ZERO.test(zone)) return undefined;
  const hours = Number(zone.slice(1, 3));
  const minutes = zone.length > 3 ? Number(zone.slice(-2)) : 0;
  if (hours > 23 || minutes > 59) return undefined;
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes);
}

function isLeapYear(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

/** Proleptic Gregorian; years that begin in March make the leap day the last one. */
function daysSinceEpoch(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

/**
 * The same instant in UTC, as 2.0 returns it (4.2.7): unchanged when it ends in `Z`, else moved by its offset with the digits
 * of its fraction kept.
 */
export function toUtc(text: string): string {
  if (text.endsWith('Z')) return text;
  const at = parseTimestamp(text, '2.0.0');
  if (at === undefined) return text;
  const date = new Date(Math.floor(at / 1_000_000) * 1000);
  // A year beyond 9999 or before 0 after moving has no RFC 3339 form: leave what was sent.
  const moved = date.toISOString();
  if (moved.length !== 24) return text;
  return moved.slice(0, 19) + (/\.\d+/.exec(text)?.[0] ?? '') + 'Z';
}
