// Settings: read once, and every wrong one named at once.

import { expect, test } from 'vitest';
import { readSettings, WrongSetting } from '../../../src/settings.ts';

test('without any variable everything has its default', () => {
  expect(readSettings({ PATH: '/usr/bin' })).toMatchObject({
    port: 8080,
    host: '127.0.0.1',
    dataDir: './data',
    publicUrl: undefined,
    apiKey: undefined,
    xapiFallbackVersion: '2.0.0',
    corsOrigins: ['*'],
    maxBatchStatements: 10_000,
    metrics: 'open',
    logLevel: 'info',
  });
});

test('an empty variable counts as unset', () => {
  expect(readSettings({ PRAMAAN_PORT: '', PRAMAAN_PUBLIC_URL: '' })).toMatchObject({
    port: 8080,
    publicUrl: undefined,
  });
});

test('lists and switches are read as people write them', () => {
  const settings = readSettings({
    PRAMAAN_CORS_ORIGINS: 'https://learn.example, https://content.example,',
    PRAMAAN_SIMULATED_CLOCK: 'yes',
    PRAMAAN_PUBLIC_URL: 'https://records.example/lrs',
  });
  expect(settings.corsOrigins).toEqual(['https://learn.example', 'https://content.example']);
  expect(settings.simulatedClock).toBe(true);
});

test.each([
  ['PRAMAAN_PORT', 'eighty', /whole number from 0 to 65535/],
  ['PRAMAAN_PORT', '70000', /whole number from 0 to 65535/],
  ['PRAMAAN_READ_WORKERS', '0', /whole number from 1 to 64/],
  ['PRAMAAN_MAX_BODY_BYTES', '1.5', /whole number from 1 on/],
  ['PRAMAAN_PUBLIC_URL', 'ftp://records.example', /http or https URL/],
  ['PRAMAAN_XAPI_FALLBACK_VERSION', '1.0', /"2\.0\.0"\|"1\.0\.3"/],
  ['PRAMAAN_EVENT_LOG_URL', 'http://localhost:2113', /connection string of EventStoreDB/],
  ['PRAMAAN_MAX_APPEND_BYTES', '557055', /whole number from 557056/],
  ['PRAMAAN_STREAM_PREFIX', 'State_', /lower-case/],
  ['PRAMAAN_PROT', '8080', /there is no such setting/],
])('%s=%s is refused in words', (variable, value, words) => {
  let refused: unknown;
  try {
    readSettings({ [variable]: value });
  } catch (error) {
    refused = error;
  }
  expect(refused).toBeInstanceOf(WrongSetting);
  expect((refused as Error).message).toMatch(new RegExp(`^${variable}: `));
  expect((refused as Error).message).toMatch(words);
});

test('all wrong settings are named at once, and no secret is repeated', () => {
  const wrong = { PRAMAAN_PORT: 'x', PRAMAAN_API_KEY: 'operator', PRAMAAN_API_SECRET: 'hunter2' };
  expect(() => readSettings(wrong)).toThrow(/PRAMAAN_PORT: .*\n.*PRAMAAN_API_SECRET: at least 8/);
  expect(() => readSettings(wrong)).not.toThrow(/hunter2/);
});

test('a key without a secret is refused', () => {
  expect(() => readSettings({ PRAMAAN_API_KEY: 'operator' })).toThrow(/set both or neither/);
});

test('a simulated clock may begin at an instant', () => {
  const clock = (value: string) => readSettings({ PRAMAAN_SIMULATED_CLOCK: value }).simulatedClock;
  expect(clock('true')).toBe(true);
  expect(clock('2026-01-01T09:00:00+05:30')).toBe(Date.parse('2026-01-01T03:30:00Z') * 1000);
  expect(() => clock('2026-01-01')).toThrow(/PRAMAAN_SIMULATED_CLOCK.*true, false or an instant/s);
});
