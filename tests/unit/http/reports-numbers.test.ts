// Figures as a brief writes them: lakh and crore, and percentages that say what was divided by what.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { shareOf } from '../../../contracts/http/reports.ts';
import { figure, grouped, hours, inLakhAndCrore, percentage } from '../../../src/http/reports/numbers.ts';

describe('groups of two after the first three', () => {
  test.each([
    [0, '0'],
    [999, '999'],
    [1_000, '1,000'],
    [99_999, '99,999'],
    [100_000, '1,00,000'],
    [1_880_000, '18,80,000'],
    [14_500_000, '1,45,00,000'],
    [1_234_567_890_123, '12,34,56,78,90,123'],
    [-1_880_000, '-18,80,000'],
    [1234.5, '1,234.5'],
  ])('%d is %s', (value, written) => {
    expect(grouped(value)).toBe(written);
  });

  test('take nothing from a number and add nothing', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (value) => {
        expect(Number(grouped(value).replaceAll(',', ''))).toBe(value);
        expect(grouped(value)).toMatch(/^-?(\d{1,3}|\d{1,2}(,\d\d)*,\d{3})$/);
      }),
    );
  });
});

describe('lakh and crore', () => {
  test.each([
    [99_999, '99,999', '99,999'],
    [100_000, '1 लाख', '1 lakh'],
    [1_880_000, '18.8 लाख', '18.8 lakh'],
    [7_200_000, '72 लाख', '72 lakh'],
    [1_704_999, '17.05 लाख', '17.05 lakh'],
    [9_999_499, '99.99 लाख', '99.99 lakh'],
    // Not "100 लाख".
    [9_999_500, '1 करोड़', '1 crore'],
    [14_500_000, '1.45 करोड़', '1.45 crore'],
    [30_000_000, '3 करोड़', '3 crore'],
    // Not "1.23 अरब".
    [1_234_567_890, '123.46 करोड़', '123.46 crore'],
    [123_456_789_012_345, '1,23,45,678.9 करोड़', '1,23,45,678.9 crore'],
  ])('%d', (value, hindi, english) => {
    expect(inLakhAndCrore(value, 'hi')).toBe(hindi);
    expect(inLakhAndCrore(value, 'en')).toBe(english);
  });

  test('stand beside the number, which is exact', () => {
    expect(figure(1_880_001, 'hi')).toBe('18,80,001 (18.8 लाख)');
    expect(figure(18_800, 'hi')).toBe('18,800');
  });

  test('what does not exist is a dash, and not nothing', () => {
    expect(figure(null, 'hi')).toBe('—');
    expect(figure(0, 'hi')).toBe('0');
  });
});

describe('percentages', () => {
  test.each([
    [10_00_000, 18_80_000, 53.19],
    [1, 3, 33.33],
    [2, 3, 66.67],
    // Half up, where the binary fraction 1.005 would be rounded down.
    [201, 20_000, 1.01],
    [5, 4, 125],
  ])('%d of %d is %d %%', (numerator, denominator, percent) => {
    expect(shareOf(numerator, denominator)).toEqual({ numerator, denominator, percent });
  });

  test('of nothing are none, not 100', () => {
    expect(shareOf(0, 0)).toEqual({ numerator: 0, denominator: 0, percent: null });
    expect(percentage(shareOf(0, 0))).toBe('— (0 ÷ 0)');
  });

  test('are written with what was divided by what', () => {
    expect(percentage(shareOf(10_00_000, 18_80_000))).toBe('53.19 % (10,00,000 ÷ 18,80,000)');
  });
});

test('minutes are told as hours, to a tenth', () => {
  expect([0, 3, 30, 89, 6_000_000].map(hours)).toEqual(['0', '0.1', '0.5', '1.5', '1,00,000']);
});
