import { describe, expect, it } from 'vitest';
import { createKeyring, type Keyring, type Sealed } from '../../host/secrets/keyring.ts';

const A = new Uint8Array(32).fill(1);
const B = new Uint8Array(32).fill(2);
const PLACE = { function: 'mailer', name: 'API_KEY' };
const ring = (...keys: Uint8Array<ArrayBuffer>[]): Keyring => createKeyring(() => keys);
const coded = (code: string) => expect.objectContaining({ code }) as Error;

describe('a keyring', () => {
  it.each(['x', 'correct horse', 'ä\u{1f511}\0', '\ufeffmarked', 'long '.repeat(1_000)])('opens what it has sealed: %j', async (value) => {
    const keyring = ring(A);
    expect(await keyring.open(await keyring.seal(value, PLACE), PLACE)).toBe(value);
  });

  it('seals with a nonce of its own each time, and shows nothing of the value', async () => {
    const keyring = ring(A);
    const sealed = await Promise.all(Array.from({ length: 200 }, () => keyring.seal('correct horse', PLACE)));
    const nonces = sealed.map(({ data }) => atob(data).slice(0, 12));
    expect(new Set(nonces).size).toBe(200);
    expect(sealed.map(({ data }) => atob(data)).join()).not.toContain('correct');
  });

  it.each([
    ['of another function', { ...PLACE, function: 'other' }],
    ['of another name', { ...PLACE, name: 'OTHER' }],
    ['whose letters are divided otherwise', { function: 'mailerA', name: 'PI_KEY' }],
  ])('opens a ciphertext at no place %s', async (_what, place) => {
    const keyring = ring(A);
    const sealed = await keyring.seal('value', PLACE);
    await expect(keyring.open(sealed, place)).rejects.toThrow(coded('secret-unreadable'));
  });

  it('opens nothing of which a bit was changed, or that was cut', async () => {
    const keyring = ring(A);
    const sealed = await keyring.seal('value', PLACE);
    const bytes = Array.from(atob(sealed.data), (character) => character.charCodeAt(0));
    const changed = bytes.map((byte, index) => bytes.with(index, byte ^ 1));
    const cut = bytes.map((_byte, length) => bytes.slice(0, length));
    expect(changed).toHaveLength(12 + 5 + 16);
    for (const each of [...changed, ...cut]) {
      const data = btoa(String.fromCharCode(...each));
      await expect(keyring.open({ ...sealed, data }, PLACE)).rejects.toThrow(coded('secret-unreadable'));
    }
    await expect(keyring.open({ ...sealed, data: 'no base64!' }, PLACE)).rejects.toThrow(coded('secret-unreadable'));
  });

  it('names the secret and the key that it does not have', async () => {
    const sealed = await ring(A).seal('value', PLACE);
    const error = await ring(B)
      .open(sealed, PLACE)
      .catch((thrown: unknown) => thrown as Error & { details: object });
    expect(error).toMatchObject({ code: 'secret-unreadable', details: { function: 'mailer', secret: 'API_KEY' } });
    expect((error as Error).message).toContain(sealed.key);
  });

  it('opens nothing of another key that passes for its own', async () => {
    const sealed = await ring(A).seal('value', PLACE);
    const forged: Sealed = { ...sealed, key: await ring(B).current() };
    await expect(ring(B).open(forged, PLACE)).rejects.toThrow(coded('secret-unreadable'));
  });

  it('seals with the first of its keys, and opens with each', async () => {
    const old = await ring(A).seal('old', PLACE);
    const both = ring(B, A);
    const fresh = await both.seal('new', PLACE);
    expect([fresh.key, old.key]).toEqual([await ring(B).current(), await ring(A).current()]);
    expect([await both.open(old, PLACE), await both.open(fresh, PLACE)]).toEqual(['old', 'new']);
    await expect(ring(A).open(fresh, PLACE)).rejects.toThrow(coded('secret-unreadable'));
  });

  it('without a key refuses to seal, and says what it needs', async () => {
    await expect(ring().seal('value', PLACE)).rejects.toThrow(coded('secret-key-missing'));
    await expect(ring().current()).rejects.toThrow(/BRINK_SECRET_KEY/);
  });

  it('asks again for keys that it could not be given', async () => {
    let ready = false;
    const keyring = createKeyring(() => {
      if (!ready) throw new Error('not yet');
      return [A];
    });
    await expect(keyring.current()).rejects.toThrow('not yet');
    ready = true;
    expect(await keyring.current()).toBe(await ring(A).current());
  });
});
