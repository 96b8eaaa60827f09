import { describe, expect, it } from 'vitest';
import * as random from '../../../host/component/wasi/random/random.ts';
import { functionsOf } from './fake-world.ts';

describe('wasi:random', () => {
  it.each([
    ['random', random.random2, 'get-random-bytes'],
    ['insecure', random.insecureRandom2, 'get-insecure-random-bytes'],
  ] as const)('0.2 %s gives as many bytes as were asked for', (_, factory, name) => {
    const get = functionsOf(factory)[name]!;
    for (const length of [0n, 1n, 65_536n, 65_537n, 200_000n]) expect((get(length) as Uint8Array).length).toBe(Number(length));
    const tail = (get(200_000n) as Uint8Array).subarray(199_900);
    expect(new Set(tail).size).toBeGreaterThan(10);
  });

  it('0.2 refuses to fill the memory of the host', () => {
    expect(() => functionsOf(random.random2)['get-random-bytes']!(2n ** 40n)).toThrow('random bytes were asked for');
  });

  it('0.3 may give fewer', () => {
    const get = functionsOf(random.random3)['get-random-bytes']!;
    expect((get(0n) as Uint8Array).length).toBe(0);
    expect((get(100n) as Uint8Array).length).toBe(100);
    expect((get(2n ** 64n - 1n) as Uint8Array).length).toBe(65_536);
  });

  it('a u64 is fresh each time', () => {
    const { 'get-random-u64': get } = functionsOf(random.random3);
    expect(get!()).not.toBe(get!());
  });

  it.each([
    [random.insecureSeed2, 'insecure-seed'],
    [random.insecureSeed3, 'get-insecure-seed'],
  ])('the seed is one per instance, and another after a reset', (factory, name) => {
    const one = functionsOf(factory);
    const seed = one[name]!();
    expect(one[name]!()).toEqual(seed);
    expect(functionsOf(factory)[name]!()).not.toEqual(seed);
    one.reset();
    expect(one[name]!()).not.toEqual(seed);
  });
});
