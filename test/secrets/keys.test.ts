import { chmodSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { secretKeys } from '../../host/platforms/secret-keys.ts';
import { parseKeys } from '../../host/secrets/keys.ts';
import { removeFolder } from '../remove-folder.ts';

const keyOf = (byte: number) => new Uint8Array(32).fill(byte);
const textOf = (byte: number, encoding: 'base64' | 'base64url' = 'base64') => Buffer.from(keyOf(byte)).toString(encoding);
const invalid = expect.objectContaining({ code: 'secret-key-invalid' }) as Error;

describe('parseKeys()', () => {
  it.each([
    ['one', textOf(1), [1]],
    ['of the alphabet for URLs, without padding', textOf(251, 'base64url'), [251]],
    ['with the other letters of base64', textOf(255), [255]],
    ['on lines, with remarks', `# new\n${textOf(2)}\r\n\n  # old\n${textOf(1)}\n`, [2, 1]],
    ['with commas and spaces', `${textOf(1)}, ${textOf(2)},${textOf(3)}`, [1, 2, 3]],
  ])('reads %s', (_what, text, bytes) => expect(parseKeys(text, 'x')).toEqual(bytes.map(keyOf)));

  it.each([
    ['nothing', ''],
    ['remarks alone', '# none\n'],
    ['a key that is too short', textOf(1).slice(4)],
    ['a key that is too long', `AAAA${textOf(1)}`],
    ['hexadecimal digits', 'ab'.repeat(32)],
    ['a word among keys', `${textOf(1)} swordfish`],
  ])('refuses %s, and shows none of it', (_what, text) => {
    expect(() => parseKeys(text, 'BRINK_SECRET_KEY')).toThrow(invalid);
    try {
      parseKeys(text, 'BRINK_SECRET_KEY');
    } catch (error) {
      for (const word of text.split(/\s+/).filter((each) => each.length > 8)) expect((error as Error).message).not.toContain(word);
    }
  });
});

describe('secretKeys()', () => {
  let dir: string;
  beforeEach(() => void (dir = mkdtempSync(join(tmpdir(), 'brink-keys-'))));
  afterEach(() => removeFolder(dir));

  it('makes a key in the state directory that only its owner may read, once', () => {
    const first = secretKeys(dir, '');
    expect(first).toHaveLength(1);
    expect(readdirSync(dir)).toEqual(['secret.key']);
    expect(statSync(join(dir, 'secret.key')).mode & 0o777).toBe(0o600);
    chmodSync(join(dir, 'secret.key'), 0o644);
    expect(secretKeys(dir, '')).toEqual(first);
    expect(statSync(join(dir, 'secret.key')).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(dir, 'secret.key'), 'utf8')).toBe(`${Buffer.from(first[0]!).toString('base64')}\n`);
  });

  it('takes keys that are given before those of the state, and makes none beside them', () => {
    expect(secretKeys(dir, textOf(1))).toEqual([keyOf(1)]);
    expect(readdirSync(dir)).toEqual([]);
    const [own] = secretKeys(dir, '');
    expect(secretKeys(dir, `${textOf(2)},${textOf(1)}`)).toEqual([keyOf(2), keyOf(1), own]);
  });

  it('reads the file that is named in place of a key', () => {
    const file = join(dir, 'keys');
    writeFileSync(file, `${textOf(3)}\n${textOf(4)}\n`);
    expect(secretKeys(null, file)).toEqual([keyOf(3), keyOf(4)]);
    writeFileSync(file, 'swordfish');
    expect(() => secretKeys(null, file)).toThrow(invalid);
  });

  it('refuses what is neither, without showing it', () => {
    const mistyped = textOf(1).slice(1);
    expect(() => secretKeys(dir, mistyped)).toThrow(invalid);
    expect(() => secretKeys(dir, mistyped)).not.toThrow(mistyped);
  });

  it('refuses a file of the state that is no key, and leaves it', () => {
    writeFileSync(join(dir, 'secret.key'), 'broken');
    expect(() => secretKeys(dir, '')).toThrow(invalid);
    expect(readFileSync(join(dir, 'secret.key'), 'utf8')).toBe('broken');
  });

  it('without state gives a key of its own each time', () => {
    expect(secretKeys(null, '')).not.toEqual(secretKeys(null, ''));
    expect(secretKeys(null, textOf(5))).toEqual([keyOf(5)]);
  });
});
