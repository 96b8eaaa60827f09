import { randomBytes } from 'node:crypto';
import { chmodSync, closeSync, existsSync, fsyncSync, linkSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { holdsKeys, invalidKey, KEY_BYTES, parseKeys } from '../secrets/keys.ts';

const VARIABLE = 'BRINK_SECRET_KEY';
const FILE = 'secret.key';

type Keys = Uint8Array<ArrayBuffer>[];

/**
 * The keys of a host on this machine. Those that are given come first, so the first of them encrypts; then those of the
 * state directory, which is given one at its first start. Without state they last as long as the process.
 *
 * @param given keys, or the path of a file that holds them
 * @throws {BrinkError} `secret-key-invalid`; what was given is never shown, as it may be a key that was written wrong
 */
export function secretKeys(directory: string | null, given = process.env[VARIABLE]): Keys {
  const named = given === undefined || given.trim() === '' ? [] : givenKeys(given);
  if (directory === null) return named.length > 0 ? named : [newKey()];
  const file = join(directory, FILE);
  if (named.length > 0 && !existsSync(file)) return named;
  return [...named, ...keptKeys(directory, file)];
}

/**
 * The keys of a host that shares its state with others: those that are given, then those of the state directory, which is
 * given none. Without any, secrets can be neither set nor read.
 *
 * @throws {BrinkError} `secret-key-invalid`
 */
export function sharedSecretKeys(directory: string | null, given = process.env[VARIABLE]): Keys {
  const named = given === undefined || given.trim() === '' ? [] : givenKeys(given);
  const file = directory === null ? null : join(directory, FILE);
  return file !== null && existsSync(file) ? [...named, ...keptKeys(directory!, file)] : named;
}

function givenKeys(text: string): Keys {
  if (holdsKeys(text)) return parseKeys(text, VARIABLE);
  let content: string;
  try {
    content = readFileSync(text.trim(), 'utf8');
  } catch (cause) {
    throw invalidKey(`${VARIABLE} is neither keys nor the path of a file that can be read`, cause);
  }
  return parseKeys(content, `the file that ${VARIABLE} names`);
}

function keptKeys(directory: string, file: string): Keys {
  if (!existsSync(file)) makeKey(directory, file);
  chmodSync(file, 0o600);
  return parseKeys(readFileSync(file, 'utf8'), file);
}

/** There whole or not at all, and on the disk before anything is encrypted with it. Of two who make one, the first wins. */
function makeKey(directory: string, file: string): void {
  mkdirSync(directory, { recursive: true });
  const draft = `${file}.${process.pid}`;
  const open = openSync(draft, 'w', 0o600);
  try {
    writeSync(open, `${Buffer.from(newKey()).toString('base64')}\n`);
    fsyncSync(open);
  } finally {
    closeSync(open);
  }
  try {
    linkSync(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(draft);
  }
  syncFolder(directory);
}

/** A file is found after a power cut once its folder is on the disk too; Windows has no such call. */
function syncFolder(directory: string): void {
  if (process.platform === 'win32') return;
  const open = openSync(directory, 'r');
  fsyncSync(open);
  closeSync(open);
}

function newKey(): Uint8Array<ArrayBuffer> {
  return new Uint8Array(randomBytes(KEY_BYTES));
}
