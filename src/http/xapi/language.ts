// Accept-Language (RFC 9110 12.5.4) as a list in order of preference; each language map picks from it on its own.

import Negotiator from 'negotiator';

/** Empty when the client has no preference. */
export function languagesOf(acceptLanguage: string | undefined): readonly string[] {
  if (acceptLanguage === undefined) return [];
  return new Negotiator({ headers: { 'accept-language': acceptLanguage } }).languages().filter((tag) => tag !== '*');
}
