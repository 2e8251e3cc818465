// Data 2.4.5, Result, and 4.6, Durations; xAPI 2.0 4.2.2.4 and 4.2.7.

import { each, NOT_BOOLEANS, NOT_NUMBERS, NOT_OBJECTS, NOT_STRINGS, requirement } from './requirement.ts';

for (const [id, property] of [
  ['XAPI-00074', 'success'],
  ['XAPI-00075', 'completion'],
] as const) {
  requirement(id, `${property} is a boolean`, {
    accepts: { true: { result: { [property]: true } }, false: { result: { [property]: false } } },
    refuses: each(NOT_BOOLEANS, (value) => [`result.${property}`, { result: { [property]: value } }] as const),
  });
}

requirement('XAPI-00076', 'response is a string', {
  accepts: { 'any string': { result: { response: 'हाँ[,]नहीं' } }, 'the empty one': { result: { response: '' } } },
  refuses: each(NOT_STRINGS, (response) => ['result.response', { result: { response } }] as const),
});

requirement('XAPI-00077, XAPI-00124', 'duration is an ISO 8601 duration', {
  accepts: each(
    {
      'all components': 'P3Y1M29DT4H35M59.14S',
      'seconds alone': 'PT16559.14S',
      'years alone': 'P3Y',
      'months and minutes': 'P1MT1M',
      weeks: 'P4W',
      zero: 'PT0S',
      'more than 0.01 s': 'P1DT12H36M0.12567S',
      'a decimal comma': 'PT1,5S',
      'a fraction of the smallest component': 'PT1H1.5M',
      'leading zeros': 'P0Y0M0DT0H0M0S',
    },
    (duration) => ({ result: { duration } }),
  ),
  refuses: each(
    {
      'weeks with days': 'P4W1D',
      'P alone': 'P',
      'T alone': 'PT',
      'T at the end': 'P1DT',
      'no P': 'T1H',
      'an unknown component': 'PA1H0M0S',
      'components in another order': 'PT1M1H',
      'hours before T': 'P1H',
      'a fraction before the smallest component': 'PT1.5H3S',
      'a fraction without digits': 'PT1.S',
      'the format of time points': 'P0003-06-04T12:30:05',
      'a minus': '-PT1S',
      'lower case': 'pt1s',
      'seconds as such': '90',
      'something behind': 'PT1S ',
      ...NOT_STRINGS,
    },
    (duration) => ['result.duration', { result: { duration } }] as const,
  ),
});

requirement('XAPI-00078', 'extensions are an object', {
  accepts: { 'an empty one': { result: { extensions: {} } } },
  refuses: each(NOT_OBJECTS, (extensions) => ['result.extensions', { result: { extensions } }] as const),
});

requirement('XAPI-00079', 'a score is an object', {
  accepts: { 'an empty one': { result: { score: {} } } },
  refuses: each(NOT_OBJECTS, (score) => ['result.score', { result: { score } }] as const),
});

requirement('XAPI-00083', 'scaled is a number from -1 to 1', {
  accepts: each({ 'minus one': -1, zero: 0, one: 1, 'something between': 0.6767676 }, (scaled) => ({
    result: { score: { scaled } },
  })),
  refuses: each({ 'above one': 1.000001, 'below minus one': -1.000001, percent: 85, ...NOT_NUMBERS }, (scaled) => {
    return ['result.score.scaled', { result: { score: { scaled } } }] as const;
  }),
});

requirement('XAPI-00082', 'raw is a number between min and max', {
  accepts: {
    'without min and max': { result: { score: { raw: -1e9 } } },
    'at min': { result: { score: { raw: 1, min: 1, max: 2 } } },
    'at max': { result: { score: { raw: 2, min: 1, max: 2 } } },
  },
  refuses: {
    'below min': ['result.score.raw', { result: { score: { raw: 0.9, min: 1 } } }],
    'above max': ['result.score.raw', { result: { score: { raw: 2.1, max: 2 } } }],
    ...each(NOT_NUMBERS, (raw) => ['result.score.raw', { result: { score: { raw } } }] as const),
  },
});

requirement('XAPI-00080, XAPI-00081', 'min is less than max, both are numbers', {
  accepts: {
    'min alone': { result: { score: { min: 5 } } },
    'max alone': { result: { score: { max: -5 } } },
    'H5P’s content without points: all zero': { result: { score: { min: 0, max: 0, raw: 0 } } },
  },
  refuses: {
    'min above max': ['result.score.min', { result: { score: { min: 2, max: 1 } } }],
    ...each(NOT_NUMBERS, (min) => ['result.score.min', { result: { score: { min } } }] as const),
    ...Object.fromEntries(
      Object.entries(NOT_NUMBERS).map(([name, max]) => [
        `${name} as max`,
        ['result.score.max', { result: { score: { max } } }] as const,
      ]),
    ),
  },
});
