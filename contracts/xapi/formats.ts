// The formats that strings of a statement must follow: IRIs, UUIDs, language tags, mailto addresses, digests, media types.
// Each is one anchored pass without nested repetition, so that no input makes it slow.

/**
 * An absolute IRI (RFC 3987 section 2.2): a scheme, a colon and at least one allowed character; percent signs begin an escape.
 * Private use characters and square brackets are allowed anywhere: xAPI lets a store validate IRIs "best effort", yet never
 * accept one without a scheme (1.0.3 Data 2.2).
 */
const IRI =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what an IRI may not hold
  /^[a-z][a-z0-9+.-]*:(?!$)[^\u0000-\u0020\u007f-\u009f"<>\\^`{|}%\ufdd0-\ufdef\ufff0-\uffff]*(?:%[0-9a-f]{2}[^\u0000-\u0020\u007f-\u009f"<>\\^`{|}%\ufdd0-\ufdef\ufff0-\uffff]*)*$/i;

export function isIri(text: string): boolean {
  return IRI.test(text);
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** The standard string form of RFC 4122, any version and variant, either case (xAPI 1.0.3 Data 4.4). */
export function isUuid(text: string): boolean {
  return UUID.test(text);
}

/** RFC 5646 section 2.1, `langtag` and `privateuse`. */
const LANGUAGE_TAG =
  /^(?:(?:[a-z]{2,3}(?:-[a-z]{3}){0,3}|[a-z]{4}|[a-z]{5,8})(?:-[a-z]{4})?(?:-(?:[a-z]{2}|[0-9]{3}))?(?:-(?:[a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*(?:-[0-9a-wy-z](?:-[a-z0-9]{2,8})+)*(?:-x(?:-[a-z0-9]{1,8})+)?|x(?:-[a-z0-9]{1,8})+)$/i;

/** RFC 5646 section 2.1, `irregular`: registered before the grammar, not covered by it. */
const IRREGULAR_LANGUAGE_TAGS = new Set(
  (
    'en-gb-oed i-ami i-bnn i-default i-enochian i-hak i-klingon i-lux i-mingo i-navajo i-pwn i-tao i-tay i-tsu ' +
    'sgn-be-fr sgn-be-nl sgn-ch-de'
  ).split(' '),
);

/** A well-formed language tag of RFC 5646; case does not matter. */
export function isLanguageTag(text: string): boolean {
  return LANGUAGE_TAG.test(text) || IRREGULAR_LANGUAGE_TAGS.has(text.toLowerCase());
}

/** The domain: labels between full stops, or an address in brackets (RFC 5322 section 3.4.1). */
const MAILTO =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what an address may not hold
  /^mailto:[^\u0000-\u0020\u007f-\u009f"(),:;<>?@[\\\]]+@(?:\[[0-9a-z.:-]+\]|[^\u0000-\u0020\u007f-\u009f"(),.:;<>?@[\\\]]+(?:\.[^\u0000-\u0020\u007f-\u009f"(),.:;<>?@[\\\]]+)*)$/i;

/** `mailto:` and one e-mail address (xAPI 1.0.3 Data 2.4.2.3). */
export function isMailto(text: string): boolean {
  return MAILTO.test(text);
}

const SHA1 = /^[0-9a-f]{40}$/i;

export function isSha1(text: string): boolean {
  return SHA1.test(text);
}

/** SHA-224, -256, -384 or -512 in hexadecimal. */
const SHA2 = /^(?:[0-9a-f]{56}|[0-9a-f]{64}|[0-9a-f]{96}|[0-9a-f]{128})$/i;

export function isSha2(text: string): boolean {
  return SHA2.test(text);
}

/** type "/" subtype and parameters, with a token or a quoted string as value (RFC 9110 sections 5.6.6 and 8.3.1). */
const MEDIA_TYPE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what a quoted string may not hold
  /^[!#$%&'*+.^_`|~0-9a-z-]+\/[!#$%&'*+.^_`|~0-9a-z-]+(?:[ \t]*;(?:[ \t]*[!#$%&'*+.^_`|~0-9a-z-]+=(?:[!#$%&'*+.^_`|~0-9a-z-]+|"(?:[^"\\\u0000-\u0008\u000a-\u001f\u007f]|\\[^\u0000-\u0008\u000a-\u001f\u007f])*"))?)*(?:[ \t]*;[ \t]*)?$/i;

export function isMediaType(text: string): boolean {
  return MEDIA_TYPE.test(text);
}

/** 1.0.x, also the bare `1.0`; what follows the patch number is left to semantic versioning. */
const VERSION_1_0 = /^1\.0(?:\.\d+(?:[-+][0-9a-z.+-]+)?)?$/i;
const VERSION_2_0 = /^2\.0(?:\.\d+(?:[-+][0-9a-z.+-]+)?)?$/i;

export function isVersion10(text: string): boolean {
  return VERSION_1_0.test(text);
}

export function isVersion20(text: string): boolean {
  return VERSION_2_0.test(text);
}
