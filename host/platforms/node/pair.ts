import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import { BrinkError } from '../../errors.ts';
import type { ShownCertificate, TlsOptions } from '../running.ts';
import { contextOf, type Keys } from './secure.ts';

/** A certificate and its key, which belong together. */
export interface Pair {
  readonly keys: Keys;
  readonly shown: ShownCertificate;
}

/** @throws {BrinkError} `certificate-invalid`, which says what is wrong with which file */
export async function readPair(files: TlsOptions): Promise<Pair> {
  const [cert, key, clientCa] = await Promise.all([
    read(files.cert, 'certificate'),
    read(files.key, 'key'),
    files.clientCa === undefined ? undefined : read(files.clientCa, 'certificate of who signs those of clients'),
  ]);
  const leaf = parsed(files.cert, () => new X509Certificate(cert), NO_CERTIFICATE);
  const own = parsed(files.key, () => createPrivateKey(key), NO_KEY);
  if (clientCa !== undefined) parsed(files.clientCa!, () => new X509Certificate(clientCa), NO_CERTIFICATE);
  if (!leaf.checkPrivateKey(own))
    throw invalid(files.cert, {
      why: `the key in ${files.key} is not that of its first certificate`,
      way: 'Give the two that were made together; the certificate of the host stands before those that it was signed with',
    });
  const keys: Keys = { cert, key, clientCa };
  // What OpenSSL has against it besides, such as a key that is too short, or a certificate of the rest that is none.
  parsed(files.cert, () => createSecureContext(contextOf(keys)), REFUSED);
  return { keys, shown: { names: namesOf(leaf), until: leaf.validToDate.getTime() } };
}

export function isSame(one: Pair, other: Pair): boolean {
  return one.keys.cert === other.keys.cert && one.keys.key === other.keys.key && one.keys.clientCa === other.keys.clientCa;
}

interface Fault {
  /** What OpenSSL says, without it. */
  readonly why?: string;
  readonly way: string;
}

const NO_CERTIFICATE: Fault = {
  why: 'no certificate can be read in it',
  way: 'It has to be PEM, which begins with -----BEGIN CERTIFICATE-----',
};
const NO_KEY: Fault = {
  why: 'no key can be read in it',
  way: 'It has to be PEM without a password, which begins with -----BEGIN PRIVATE KEY-----',
};
const REFUSED: Fault = { way: 'Have it made anew' };

async function read(file: string, what: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    const { code = String(cause) } = cause as NodeJS.ErrnoException;
    throw invalid(file, { why: `the ${what} cannot be read (${code})`, way: 'Give the path of a file that this user may read' }, cause);
  }
}

function parsed<Result>(file: string, parse: () => Result, { why, way }: Fault): Result {
  try {
    return parse();
  } catch (cause) {
    throw invalid(file, { why: why ?? (cause as Error).message, way }, cause);
  }
}

function invalid(file: string, { why, way }: Required<Fault>, cause?: unknown): BrinkError {
  return new BrinkError('certificate-invalid', `TLS cannot be spoken with ${file}: ${why}. ${way}.`, { cause, details: { file } });
}

/** Names that browsers look at, and where there is none of these, all that the certificate has. RFC 6125, section 6.4.4. */
function namesOf({ subjectAltName, subject }: X509Certificate): string[] {
  const names = subjectAltName?.split(', ').map((name) => name.replace(/^(?:DNS|IP Address):/, ''));
  return names ?? [subject.replaceAll('\n', ', ')];
}
