// Waiting for something of another process that sends no word when it happens.

import { setTimeout as delay } from 'node:timers/promises';

const PATIENCE_MS = 60_000;

/** Resolves with the first answer that is true in itself; looks again and again, and says what it waited for when it gives up. */
export async function until<T>(look: () => T | Promise<T>, what: string, patienceMs = PATIENCE_MS): Promise<T> {
  const end = performance.now() + patienceMs;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (performance.now() > end) throw new Error(`waited ${patienceMs / 1000} s for: ${what}`);
    await delay(20);
  }
}
