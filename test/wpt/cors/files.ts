/** Files about what a server says, by name; the others are about redirects, cookies and statuses that only the suite's own server gives. */
export const FILES = [
  'cors-basic',
  'cors-origin',
  'cors-preflight',
  'cors-preflight-star',
  'cors-preflight-cache',
  'cors-preflight-not-cors-safelisted',
  'cors-no-preflight',
  'cors-filtering',
  'cors-expose-star',
];

/** What is not judged, and why. */
export const EXCLUDED: readonly (readonly [test: RegExp, why: string])[] = [
  [/^cors-preflight-star: .*\(allowed: (?:\*|get|put)\); header/, 'the rule names methods, each by itself and in capitals'],
  [/^cors-preflight: CORS \[NEW\]/, 'a method that parsers of HTTP do not know gets to no function'],
  [
    /^cors-preflight-not-cors-safelisted: .*(?:accept|content)-language\/[^@]/,
    'a control character, which the HTTP client of the runner does not send',
  ],
];
