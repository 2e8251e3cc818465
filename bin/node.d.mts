// Types of node.mjs, which is plain JavaScript so that any Node can run it.

interface Running {
  readonly version: string;
  readonly platform: string;
  readonly arch: string;
  readonly execPath: string;
}

export const NEEDED: string;
export function isNewEnough(version: string): boolean;
export function findNode(running?: Running): { readonly path?: string; readonly reason?: string };
export function runOn(node: string, args: readonly string[]): void;
