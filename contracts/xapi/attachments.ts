// Attachments as statements describe them (xAPI 1.0.3 Data 2.4.11, xAPI 2.0 4.2.2.6); their bytes are http's matter.

import { z } from 'zod';
import { format, iri, languageMap, whole } from './checks.ts';
import { isMediaType, isSha2 } from './formats.ts';

/** An attachment of this usage type is the JSON web signature of its statement (xAPI 1.0.3 Data 2.6). */
export const SIGNATURE = 'http://adlnet.gov/expapi/attachments/signature';
const OCTET_STREAM = /^application\/octet-stream[ \t]*(?:;|$)/i;

export const attachment = z
  .strictObject({
    usageType: iri,
    display: languageMap,
    description: languageMap.optional(),
    contentType: format(isMediaType, 'must be a media type, such as application/pdf'),
    // Any whole number: zod's own `int` stops at 2^53.
    length: z.number().refine(Number.isInteger, { error: 'must be a whole number' }).min(0, 'must not be negative'),
    sha2: format(isSha2, 'must be a SHA-2 in hexadecimal'),
    fileUrl: iri.optional(),
  })
  .check(
    whole(({ usageType, contentType }) =>
      usageType === SIGNATURE && typeof contentType === 'string' && !OCTET_STREAM.test(contentType)
        ? { message: 'of a signature must be application/octet-stream', path: ['contentType'] }
        : undefined,
    ),
  );
