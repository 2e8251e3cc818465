// What a bench prints: JSON lines, one a measurement, the first of them about the machine.

import { availableParallelism, loadavg } from 'node:os';

export function say(bench: string, figures: Record<string, unknown>): void {
  console.log(JSON.stringify({ bench, ...figures }));
}

export function sayMachine(more: Record<string, unknown> = {}): void {
  say('machine', { cpus: availableParallelism(), load: rounded(loadavg()[0]!), node: process.version, ...more });
}

export const rounded = (number: number): number => Math.round(number * 100) / 100;

export function perSecond(count: number, milliseconds: number): number {
  return Math.round((count / milliseconds) * 1000);
}

export function latencies(milliseconds: readonly number[]) {
  const sorted = milliseconds.toSorted((a, b) => a - b);
  const at = (share: number) => rounded(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0);
  return { p50ms: at(0.5), p95ms: at(0.95), p99ms: at(0.99), maxms: at(1) };
}
