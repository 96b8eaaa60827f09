/** How the handler of a function can fail, as its cell tells the host. */
export type FailureCode = 'handler-threw' | 'handler-missing' | 'response-invalid' | 'guest-trapped' | 'subrequests-exceeded';

const WHAT: Readonly<Record<Exclude<FailureCode, 'handler-missing'>, string>> = {
  'handler-threw': 'threw',
  'response-invalid': 'gave no usable response',
  'guest-trapped': 'trapped',
  'subrequests-exceeded': 'made more calls than limits.subrequests allows',
};

export function isFailureCode(value: unknown): value is FailureCode {
  return value === 'handler-missing' || (typeof value === 'string' && Object.hasOwn(WHAT, value));
}

/** For messages: `hello@3 threw`. */
export function failureText(code: keyof typeof WHAT): string {
  return WHAT[code];
}
