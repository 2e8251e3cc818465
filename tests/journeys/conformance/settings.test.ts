// What the settings change in what clients of xAPI see: the fallback version, the origins that pages may come from, and the path
// under which a proxy serves the store.

import { expect } from 'vitest';
import { conformance, expectProblem, someone, statement } from './client.ts';

const { requirement } = conformance({
  PRAMAAN_XAPI_FALLBACK_VERSION: '1.0.3',
  PRAMAAN_CORS_ORIGINS: 'https://lms.example.org, https://portal.example.org:8443',
  PRAMAAN_PUBLIC_URL: 'https://example.gov.in/lrs/',
});
const HEADER = 'x-experience-api-version';

requirement(
  'XAPI-00333, 4.1 fallback',
  'an answer to a request without a version says the fallback',
  async (client) => {
    for (const version of [null, '0.9']) {
      const answer = await client.get('/statements', { headers: { [HEADER]: version } });
      expectProblem(answer, 400);
      expect(answer.headers.get(HEADER)).toBe('1.0.3');
    }
    expect((await client.get('/about', { headers: { [HEADER]: null } })).headers.get(HEADER)).toBe('1.0.3');
    expect((await client.get('/about')).headers.get(HEADER)).toBe(client.version);
  },
);

requirement(
  '4.1 CORS',
  'only the origins of the setting are let in, also to refusals and preflights',
  async (client) => {
    for (const [origin, allowed] of [
      ['https://lms.example.org', 'https://lms.example.org'],
      ['https://portal.example.org:8443', 'https://portal.example.org:8443'],
      ['https://lms.example.org.evil.example', null],
      ['http://lms.example.org', null],
      ['null', null],
    ] as const) {
      for (const answer of [
        await client.get('/statements', { headers: { origin } }),
        await client.get('/statements', { headers: { origin, authorization: null } }),
        await client.send('OPTIONS', '/statements', { headers: { origin, 'access-control-request-method': 'PUT' } }),
      ]) {
        expect(answer.headers.get('access-control-allow-origin'), origin).toBe(allowed);
        expect(answer.headers.get('vary')).toBe('Origin');
      }
    }
  },
);

requirement('XAPI-00108', '`more` holds the path that clients see', async (client) => {
  const agent = someone();
  const ids = await client.record(statement({ actor: agent }), statement({ actor: agent }));
  const { more } = (await client.get('/statements', { query: { agent, limit: '1' } })).json;
  expect(more).toMatch(/^\/lrs\/xapi\/statements\?/);
  const next = await client.get(more.slice('/lrs/xapi'.length));
  expect(next.json).toMatchObject({ statements: [{ id: ids[0] }], more: '' });
});
