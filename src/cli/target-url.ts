// The running store that a command speaks to: the one it is told, or the one of the settings.

import type { Settings } from '../settings.ts';
import { CommandFailed } from './failure.ts';

export function targetUrl(to: string | undefined, { host, port }: Pick<Settings, 'host' | 'port'>): URL {
  if (to !== undefined) {
    const url = asUrl(to);
    if (!url) throw new CommandFailed(`--to: ${to} is not an http or https URL.`, 2);
    return url;
  }
  const reachable = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return new URL(`http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`);
}

export function asUrl(text: string): URL | undefined {
  return /^https?:\/\//i.test(text) && URL.canParse(text) ? new URL(text) : undefined;
}
