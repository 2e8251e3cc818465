// Durations: ISO 8601:2004 section 4.4.3.2 (xAPI 1.0.3 Data 4.6).

const DURATION =
  /^P(?:\d+(?:[.,]\d+)?W|(?=\d|T\d)(?:\d+(?:[.,]\d+)?Y)?(?:\d+(?:[.,]\d+)?M)?(?:\d+(?:[.,]\d+)?D)?(?:T(?=\d)(?:\d+(?:[.,]\d+)?H)?(?:\d+(?:[.,]\d+)?M)?(?:\d+(?:[.,]\d+)?S)?)?)$/;

/** A decimal fraction that is not in the smallest component: something follows its letter. */
const FRACTION_NOT_LAST = /[.,]\d+[A-Z]./;

/** `P3Y1M29DT4H35M59.14S`, `P4W`; weeks stand alone, and only the smallest component may have a decimal fraction. */
export function isDuration(text: string): boolean {
  return DURATION.test(text) && !FRACTION_NOT_LAST.test(text);
}

const BEYOND_HUNDREDTHS = /([.,]\d\d)\d+S$/;

/** Cut, never rounded, to 0.01 s: what durations are compared by (xAPI 1.0.3 Data 4.6). Otherwise a string like any other. */
export function truncateDuration(text: string): string {
  return text.replace(BEYOND_HUNDREDTHS, '$1S');
}
