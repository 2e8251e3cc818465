// The pages that people open, in a browser: the links at `/` and what each kind of refusal means.

import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { NO_CHROMIUM, openBrowser } from './clients/browser.ts';
import { KEY, removeFolders, SECRET, type Server, startServer } from './server.ts';

describe.skipIf(NO_CHROMIUM)('pages (needs /usr/bin/chromium)', () => {
  let server: Server;
  let browser: Browser;
  let page: Page;
  const complaints: string[] = [];
  beforeAll(async () => {
    [server, browser] = await Promise.all([startServer(), openBrowser()]);
    page = await browser.newPage();
    page.on('console', (message) => {
      if (message.type() !== 'log') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('requestfailed', (request) => complaints.push(`${request.url()} failed`));
  });
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
    removeFolders();
  });

  test('the first page says what this is, in its languages, and can be used without a mouse', async () => {
    await page.goto(server.url);
    expect(await page.title()).toContain('Pramaan');
    expect(await page.locator('html').getAttribute('lang')).toBe('en');
    expect(await page.locator('h1').count()).toBe(1);
    expect(await page.locator('main h1').innerText()).toContain('प्रमाण');
    // A screen reader changes its voice for what is Hindi.
    for (const hindi of await page.getByText(/[\u0900-\u097f]/).all()) {
      const marked = hindi.locator('xpath=(self::*|.//*)[@lang="hi"]');
      expect(await marked.count(), await hindi.innerText()).toBeGreaterThan(0);
    }
    const links = page.getByRole('link');
    for (let index = 0; index < (await links.count()); index++) {
      await page.keyboard.press('Tab');
      const link = links.nth(index);
      expect((await link.innerText()).trim()).not.toBe('');
      expect(
        await link.evaluate((element: { matches(selector: string): boolean }) => element.matches(':focus-visible')),
      ).toBe(true);
    }
    expect(complaints).toEqual([]);
  });

  test('it fits a telephone', async () => {
    await page.setViewportSize({ width: 360, height: 640 });
    await page.goto(server.url);
    const wide = await page
      .locator('html')
      .evaluate((root: { scrollWidth: number; clientWidth: number }) => root.scrollWidth - root.clientWidth);
    expect(wide).toBe(0);
    await page.setViewportSize({ width: 1280, height: 720 });
  });

  test('every link leads somewhere, from page to page', async () => {
    const seen = new Set<string>();
    const next = [`${server.url}/`];
    for (let url = next.pop(); url !== undefined; url = next.pop()) {
      if (seen.has(url)) continue;
      seen.add(url);
      const answer = await page.goto(url);
      expect(answer!.status(), url).toBe(200);
      if (!answer!.headers()['content-type']!.startsWith('text/html')) continue;
      expect(await page.title(), url).toContain('Pramaan');
      expect(await page.locator('html').getAttribute('lang'), url).toBe('en');
      expect(await page.locator('h1').count(), url).toBe(1);
      for (const link of await page.getByRole('link').all()) {
        next.push(await link.evaluate((element: { href: string }) => element.href));
      }
    }
    const paths = [...seen].map((url) => new URL(url).pathname);
    expect(paths).toEqual(
      expect.arrayContaining(['/xapi/about', '/health/ready', '/metrics', '/problems', '/openapi', '/openapi.json']),
    );
    expect(paths.filter((path) => path.startsWith('/problems/')).length).toBeGreaterThan(10);
    expect(complaints).toEqual([]);
  });

  test('a refusal leads to the page that explains it', async () => {
    const refused = await server.fetch('/xapi/statements?since=yesterday');
    const { type, title } = (await refused.json()) as { type: string; title: string };
    const answer = await page.goto(new URL(type, server.url).href);
    expect(answer!.status()).toBe(200);
    expect(await page.locator('h1').innerText()).toContain(title);
  });

  test('the interfaces can be read, and a request tried with a credential', async () => {
    await page.goto(`${server.url}/openapi`);
    const { paths, components } = (await (await server.fetch('/openapi.json')).json()) as {
      paths: Record<string, object>;
      components: { schemas: object };
    };
    await page.getByRole('heading', { name: 'Schemas' }).waitFor();
    const listed = await page.locator('summary code').allInnerTexts();
    for (const path of Object.keys(paths))
      expect(
        listed.some((one) => one.endsWith(` ${path}`)),
        path,
      ).toBe(true);
    expect(listed).toEqual(expect.arrayContaining(Object.keys(components.schemas)));

    const credentials = page.locator('#getAdminCredentialsId');
    await credentials.locator('summary').click();
    // Where a schema has a name, it is a link that opens it.
    await credentials.getByRole('link', { name: 'Problem' }).click();
    await page.locator('#schema-Problem').getByText('Names the kind of problem').waitFor();

    const clock = page.locator('#getAdminClock');
    await clock.locator('summary').click();
    await clock.getByRole('button', { name: 'Send GET' }).click();
    await clock.getByRole('status').filter({ hasText: /^401 / }).waitFor();
    await page.getByLabel('Key').fill(KEY);
    await page.getByLabel('Secret').fill(SECRET);
    await clock.getByRole('button', { name: 'Send GET' }).click();
    await clock.getByRole('status').filter({ hasText: /^200 / }).waitFor();
    expect(JSON.parse(await clock.locator('pre').innerText())).toMatchObject({ simulated: false });

    const one = page.locator('#getAdminCredentialsId');
    await one.getByLabel('id').fill('a/b ü');
    await one.getByRole('button', { name: 'Send GET' }).click();
    await one
      .getByRole('status')
      .filter({ hasText: /^404 .*a%2Fb ü/ })
      .waitFor();
    // The browser itself writes refusals into its console; nothing else may be there.
    expect(complaints.splice(0).filter((complaint) => !/status of 40[14]/.test(complaint))).toEqual([]);
  });

  test('the page of interfaces fits a telephone', async () => {
    await page.setViewportSize({ width: 360, height: 640 });
    await page.goto(`${server.url}/openapi`);
    await page.getByRole('heading', { name: 'Schemas' }).waitFor();
    for (const summary of await page.locator('summary').all()) await summary.click();
    const wide = await page
      .locator('html')
      .evaluate((root: { scrollWidth: number; clientWidth: number }) => root.scrollWidth - root.clientWidth);
    expect(wide).toBe(0);
    await page.setViewportSize({ width: 1280, height: 720 });
  });
});
