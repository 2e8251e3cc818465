// A connection string as far as it may be repeated to persons: without user and password, whatever these are made of.

/** Whom a connection string names: for messages, and so without the password. */
export interface ServerNamed {
  /** Host and port, of a cluster several. */
  readonly address: string;
  readonly user: string | undefined;
}

/** Options that name files, whose names may have an @ too. */
const FILE_OPTION = /[?&](?:tlsCaFile|userCertFile|userKeyFile)=/i;

/** `esdb://user:password@host?tls=false` as `esdb://host?tls=false`. Any other URL too: somebody may have mistaken it for one. */
export function withoutPassword(url: string): string {
  const { scheme, rest } = parted(url);
  return scheme + rest;
}

export function serverNamed(url: string): ServerNamed {
  const { credentials, rest } = parted(url);
  // The client takes no user without a password.
  const user = credentials?.includes(':') ? credentials.replace(/:.*/s, '') : undefined;
  return { address: /^[^/?]*/.exec(rest)![0], user: user && decodeURIComponent(user) };
}

/** What the client would read as something else, part of a password as a host for one. In words; undefined when nothing. */
export function misreadIn(url: string): string | undefined {
  const { credentials } = parted(url);
  if (credentials === undefined) return undefined;
  if (!credentials.includes(':')) return 'there must be user:password before the @, and there is no colon';
  if (!/@|:.*:/s.test(credentials)) return undefined;
  return 'an @ or a colon in the user or the password must be percent-encoded, as %40 or %3A';
}

/**
 * A password that was not percent-encoded may hold / ? : and @ as well, so nothing before the last @ is shown. The client takes
 * the first @ for the end of the password.
 */
function parted(url: string): { readonly scheme: string; readonly credentials?: string; readonly rest: string } {
  const [, scheme, after] = /^([^:]*:\/\/)?(.*)$/s.exec(url.trim())!;
  const files = FILE_OPTION.exec(after!)?.index ?? after!.length;
  const beforeFiles = after!.lastIndexOf('@', files);
  const end = beforeFiles < 0 ? after!.lastIndexOf('@') : beforeFiles;
  if (end < 0) return { scheme: scheme ?? '', rest: after! };
  return { scheme: scheme ?? '', credentials: after!.slice(0, end), rest: after!.slice(end + 1) };
}
