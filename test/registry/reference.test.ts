import { describe, expect, it } from 'vitest';
import { readsAsVersion, versionByReference } from '../../host/registry/reference.ts';
import { recordWith } from './record-cases.ts';

const record = recordWith('1234567890abcdef', 'ab12cd34ef', 'ab12cd34ff', '7');

describe('versionByReference()', () => {
  it.each([
    ['a number', '2', 2],
    ['the first 8 digits of a digest', '12345678', 1],
    ['a digest in full', record.versions[2]!.digest, 3],
    ['as many digits as tell it from the others', 'ab12cd34ef', 2],
  ])('finds %s', (_name, reference, number) => expect(versionByReference(record, reference)!.number).toBe(number));

  it.each([
    ['a number that is not there', '9', 'version-not-found'],
    ['a digest that is not there', 'ffffffff', 'version-not-found'],
    ['digits that are neither', '00', 'version-not-found'],
    ['a digest cut so short that two begin so', 'ab12cd34', 'bad-request'],
  ])('refuses %s', (_name, reference, code) =>
    expect(() => versionByReference(record, reference)).toThrow(expect.objectContaining({ code })),
  );

  it.each(['live', 'abc', 'abcdef1', 'AB12CD34', 'v2', ''])('leaves %j to be an alias', (reference) => {
    expect(versionByReference(record, reference)).toBeUndefined();
    expect(readsAsVersion(reference)).toBe(false);
  });
});

describe('readsAsVersion()', () => {
  it.each(['1', '0', '007', '99999999999', 'deadbeef', 'ab12cd34ef', 'a'.repeat(64)])('keeps %s from being an alias', (name) => {
    expect(readsAsVersion(name)).toBe(true);
  });
});
