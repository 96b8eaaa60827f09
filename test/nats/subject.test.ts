import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { filterOf, keyOf, subjectOf } from '../../host/stores/nats/subject.ts';
import { byBytes } from '../../host/stores/order.ts';
import { byUtf8 } from '../stores/store-model.ts';

const text = fc.string({
  unit: fc.oneof(fc.constantFrom('/', '.', '*', '>', '=', ' ', 'a', '-'), fc.string({ unit: 'binary', maxLength: 1 })),
});

describe('a key as a subject', () => {
  it.each([
    ['kv/id%2Fshared/user-1', 'kv.id=252Fshared.user-1'],
    ['', '='],
    ['/', '=.='],
    ['a//b', 'a.=.b'],
    ['a.b*c>', 'a=2Eb=2Ac=3E'],
    ['ü', '=C3=BC'],
  ])('%j is %j', (key, subject) => expect(subjectOf(key)).toBe(subject));

  it('has only what a key of NATS may have, and leads back to the key', () => {
    fc.assert(
      fc.property(text, (key) => {
        expect(subjectOf(key)).toMatch(/^[-=\w]+(?:\.[-=\w]+)*$/);
        expect(keyOf(subjectOf(key))).toBe(key);
      }),
    );
  });

  it('matches the filter of each of its prefixes', () => {
    fc.assert(
      fc.property(text, fc.nat(), (key, cut) => {
        const points = Array.from(key);
        const prefix = points.slice(0, cut % (points.length + 1)).join('');
        const filter = filterOf(prefix);
        expect(filter === '>' || subjectOf(key).startsWith(filter.slice(0, -1))).toBe(true);
      }),
    );
  });
});

it('byBytes() sorts as UTF-8 does', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary' })), (keys) => {
      expect(keys.toSorted(byBytes)).toEqual(keys.toSorted(byUtf8));
    }),
  );
});
