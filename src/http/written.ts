// Writing a long answer no faster than it is read.

import { once } from 'node:events';
import type { Response } from 'express';

/**
 * False when the reader has gone. Waits until it has taken what it was given. Bytes always: of a string with letters beyond
 * Latin, Node counts bytes in one place and characters in the other, wants to be waited for, and then never says that it is time.
 */
export async function written(response: Response, content: Uint8Array | string): Promise<boolean> {
  if (response.destroyed) return false;
  if (response.write(typeof content === 'string' ? Buffer.from(content) : content)) return true;
  const gone = new AbortController();
  const left = () => gone.abort();
  response.once('close', left);
  try {
    await once(response, 'drain', { signal: gone.signal });
    return true;
  } catch {
    return false;
  } finally {
    response.off('close', left);
  }
}
