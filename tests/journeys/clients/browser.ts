// Debian's Chromium, driven without a download: for what only a real browser shows, such as CORS.

import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';

const CHROMIUM = '/usr/bin/chromium';
/** Without Chromium the tests are skipped, and the run says so; PRAMAAN_REQUIRE_CHROMIUM=1 makes that a failure. */
export const NO_CHROMIUM = !existsSync(CHROMIUM) && process.env.PRAMAAN_REQUIRE_CHROMIUM !== '1';

export function openBrowser(): Promise<Browser> {
  // The sandbox needs privileges that containers do not have; these pages are our own.
  return chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
}

const require = createRequire(import.meta.url);
const folderOf = (name: string, within = require) => dirname(within.resolve(`${name}/package.json`));
/** The builds that the libraries offer to pages. */
const SCRIPTS: Readonly<Record<string, string>> = {
  '/xapi.js': join(folderOf('@xapi/xapi'), 'dist/XAPI.umd.js'),
  '/cmi5.js': join(folderOf('@xapi/cmi5'), 'dist/Cmi5.umd.js'),
  '/tincan.js': join(folderOf('tincanjs'), 'build/tincan-min.js'),
};

export interface ContentSite {
  /** Another origin than the store's: `http://localhost:…`. */
  readonly origin: string;
  close(): void;
}

/** A site of learning content: a page that loads the libraries, and the fetch URL of a cmi5 launch. */
export async function startContentSite(token: string): Promise<ContentSite> {
  const site = createServer((request, response) => {
    const { pathname } = new URL(request.url!, 'http://localhost');
    if (pathname in SCRIPTS) {
      response.setHeader('Content-Type', 'text/javascript; charset=utf-8').end(readFileSync(SCRIPTS[pathname]!));
    } else if (pathname === '/fetch') {
      response.setHeader('Content-Type', 'application/json').end(JSON.stringify({ 'auth-token': token }));
    } else if (pathname === '/content') {
      const scripts = Object.keys(SCRIPTS).map((path) => `<script src="${path}"></script>`);
      response
        .setHeader('Content-Type', 'text/html; charset=utf-8')
        .end(`<!doctype html><html lang="hi"><title>पाठ</title>${scripts.join('')}<p>पाठ</p></html>`);
    } else {
      response.writeHead(pathname === '/favicon.ico' ? 204 : 404).end();
    }
  });
  await new Promise<void>((resolve) => site.listen(0, 'localhost', resolve));
  return {
    origin: `http://localhost:${(site.address() as AddressInfo).port}`,
    close() {
      site.close();
      site.closeAllConnections();
    },
  };
}
