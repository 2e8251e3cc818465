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

const COMPONENTS =
  /^P(?:([\d.,]+)W|(?:([\d.,]+)Y)?(?:([\d.,]+)M)?(?:([\d.,]+)D)?(?:T(?:([\d.,]+)H)?(?:([\d.,]+)M)?(?:([\d.,]+)S)?)?)$/;
/** A week, then from years to seconds; a year counts 365 days and a month 30, as nobody says which. */
const SECONDS = [604_800, 31_536_000, 2_592_000, 86_400, 3_600, 60, 1];

/** Its length in seconds; undefined when it is no duration. */
export function durationSeconds(text: string): number | undefined {
  if (!isDuration(text)) return undefined;
  const components = COMPONENTS.exec(text)!;
  let seconds = 0;
  for (let i = 0; i < SECONDS.length; i++) {
    const component = components[i + 1];
    if (component !== undefined) seconds += Number(component.replace(',', '.')) * SECONDS[i]!;
  }
  return seconds;
}
