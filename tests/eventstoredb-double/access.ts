// Who may do what: users by their Basic credentials, $acl of a stream's metadata, and the default for streams without one.

import type { Metadata } from '@grpc/grpc-js';
import { type Acl, isMetastream, originalOf, type Streams } from './streams.ts';

export type Operation = 'read' | 'write' | 'delete';

/** `anyone`: without users there is no question of rights. `nobody`: no credentials, where some are needed. */
export type Caller = { readonly name: string } | 'anyone' | 'nobody';

export interface Users {
  readonly [name: string]: string;
}

const RIGHT = { read: '$r', write: '$w', delete: '$d' } as const;
const META_RIGHT = { read: '$mr', write: '$mw', delete: undefined } as const;

export class Access {
  readonly #users: Users | undefined;
  readonly #default: Acl;
  readonly #streams: Streams;

  constructor(streams: Streams, users: Users | undefined, byDefault: Acl = {}) {
    this.#streams = streams;
    this.#users = users;
    this.#default = byDefault;
  }

  /** Undefined: the credentials are wrong. */
  callerOf(metadata: Metadata): Caller | undefined {
    if (this.#users === undefined) return 'anyone';
    const [header] = metadata.get('authorization');
    if (header === undefined) return 'nobody';
    const [scheme, value = ''] = header.toString().split(' ');
    const credentials = Buffer.from(value, 'base64').toString();
    const colon = credentials.indexOf(':');
    const name = credentials.slice(0, colon);
    if (scheme !== 'Basic' || colon < 0 || !Object.hasOwn(this.#users, name)) return undefined;
    return this.#users[name] === credentials.slice(colon + 1) ? { name } : undefined;
  }

  allows(caller: Caller, operation: Operation, stream: string): boolean {
    if (caller === 'anyone') return true;
    if (caller === 'nobody') return false;
    const meta = isMetastream(stream);
    const right = meta ? META_RIGHT[operation] : RIGHT[operation];
    if (right === undefined) return false;
    if (caller.name === 'admin') return true;
    const original = meta ? originalOf(stream) : stream;
    const acl = this.#streams.metadataOf(original).$acl ?? {};
    const roles = acl[right] ?? (original.startsWith('$') ? '$admins' : (this.#default[right] ?? '$all'));
    return [roles].flat().some((role) => role === '$all' || role === caller.name);
  }
}
