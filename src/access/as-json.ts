// A credential as /admin and the command line show it: instants in words, never a secret.

import { toInstant } from '../../contracts/time.ts';
import type { Credential } from './port.ts';

export interface CredentialJson extends Omit<Credential, 'createdAt' | 'rotatedAt' | 'revokedAt'> {
  /** RFC 3339, UTC. */
  readonly createdAt: string;
  readonly rotatedAt?: string;
  readonly revokedAt?: string;
}

export function credentialAsJson({ createdAt, rotatedAt, revokedAt, ...credential }: Credential): CredentialJson {
  return {
    ...credential,
    createdAt: toInstant(createdAt),
    ...(rotatedAt === undefined ? {} : { rotatedAt: toInstant(rotatedAt) }),
    ...(revokedAt === undefined ? {} : { revokedAt: toInstant(revokedAt) }),
  };
}
