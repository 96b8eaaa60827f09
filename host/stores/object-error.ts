import type { Algorithm } from './objects.ts';

/** What cannot be done with objects. Codes and messages are those of R2. https://developers.cloudflare.com/r2/api/error-codes/ */
export class ObjectError extends Error {
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

export const internalError = () => new ObjectError(10001, 'We encountered an internal error. Please try again.');
export const entityTooLarge = () => new ObjectError(100100, 'Your proposed upload exceeds the maximum allowed object size.');
export const entityTooSmall = () => new ObjectError(10011, 'Your proposed upload is smaller than the minimum allowed object size.');
export const metadataTooLarge = () => new ObjectError(10012, 'Your metadata headers exceed the maximum allowed metadata size.');
export const invalidObjectName = () => new ObjectError(10020, 'The specified object name is not valid.');
export const invalidMaxKeys = () => new ObjectError(10022, 'MaxKeys params must be positive integer <= 1000.');
export const noSuchUpload = () => new ObjectError(10024, 'The specified multipart upload does not exist.');
export const invalidPart = () => new ObjectError(10025, 'One or more of the specified parts could not be found.');
export const invalidArgument = (why: string) => new ObjectError(10029, why);
export const invalidRange = () => new ObjectError(10039, 'The requested range is not satisfiable');
export const badUpload = () => new ObjectError(10048, 'There was a problem with the multipart upload.');

const NAMES: Readonly<Record<Algorithm, string>> = { md5: 'MD5', sha1: 'SHA-1', sha256: 'SHA-256', sha384: 'SHA-384', sha512: 'SHA-512' };

export function badDigest(algorithm: Algorithm, { given, actual }: { given: string; actual: string }): ObjectError {
  const name = NAMES[algorithm];
  return new ObjectError(
    10037,
    `The ${name} checksum you specified did not match what we received.\nYou provided a ${name} checksum with value: ${given}\nActual ${name} was: ${actual}`,
  );
}
