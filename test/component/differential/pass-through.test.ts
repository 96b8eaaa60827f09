import { isDeepStrictEqual, inspect } from 'node:util';
import { parse } from '@bytecodealliance/jco';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { prepareComponent } from '../../../host/component/prepare.ts';
import { Instance } from '../../../host/component/runtime/instance.ts';
import type { StringEncoding } from '../../../host/component/plan.ts';
import type { Type } from '../abi/types.ts';
import { FUZZ_SEED, fuzzRuns, fuzzTimeout } from '../fuzz.ts';
import { fakeWorld } from '../wasi/fake-world.ts';
import { anySample } from './arbitrary.ts';
import { DEVIATIONS, deviates, type End } from './deviations.ts';
import { jcoComponent } from './jco.ts';
import { HOST, passThrough } from './pass-through.ts';

const RUNS = fuzzRuns(10);

type Call = (name: string, argument: unknown) => End;

/** Makes an instance; `seen` is told what the host gets. */
type Make = (seen: (value: unknown) => void) => Call;

interface Run {
  readonly end: End;
  readonly seen: readonly unknown[];
}

describe('the same component by jco and by us', () => {
  // Of the encodings of strings, latin1+utf16 is left out: jco's generator stops at an assertion.
  it('gets, gives and refuses the same', { timeout: fuzzTimeout(RUNS * 200) }, async () => {
    const components = fc.tuple(fc.array(anySample, { minLength: 1, maxLength: 6 }), fc.constantFrom('utf8' as const, 'utf16' as const));
    await fc.assert(
      fc.asyncProperty(components, async ([samples, encoding]) => {
        const both = await open(
          samples.map(({ type }) => type),
          encoding,
        );
        for (const [index, { type, values, raw }] of samples.entries()) {
          for (const value of values) compare(both, type, `call-${index}`, value);
          for (const given of raw) compare(both, type, `raw-${index}`, given);
        }
      }),
      { numRuns: RUNS, seed: FUZZ_SEED, endOnFailure: true },
    );
  });

  it.each(DEVIATIONS)('$reason', async (deviation) => {
    const { type, call, argument } = deviation.example;
    const [ours, jcos] = runBoth(await open([type], 'utf8'), `${call}-0`, argument);
    expect(sameEnd(ours.end, jcos.end)).toBe(false);
    expect(deviates(deviation, { ours: ours.end, jcos: jcos.end, type })).toBe(true);
  });
});

/** The component for some types, as we and as jco run it. */
async function open(types: readonly Type[], encoding: StringEncoding): Promise<readonly [Make, Make]> {
  const bytes = new Uint8Array(await parse(passThrough(types, encoding)));
  return [ourComponent(types, bytes), await jcosComponent(types, bytes)];
}

function compare(both: readonly [Make, Make], type: Type, name: string, argument: unknown): void {
  const [ours, jcos] = runBoth(both, name, argument);
  if (isDeepStrictEqual(ours.seen, jcos.seen) && sameEnd(ours.end, jcos.end)) return;
  if (DEVIATIONS.some((deviation) => deviates(deviation, { ours: ours.end, jcos: jcos.end, type }))) return;
  const show = (of: unknown) => inspect(of, { depth: 9 });
  throw new Error(`${name} of ${show(type)} with ${show(argument)}:\nours ${show(ours)}\njco's ${show(jcos)}`);
}

function runBoth(both: readonly [Make, Make], name: string, argument: unknown): [Run, Run] {
  const [ours, jcos] = both.map((make) => {
    const seen: unknown[] = [];
    return { end: make((value) => seen.push(plain(value)))(name, argument), seen };
  });
  return [ours!, jcos!];
}

function sameEnd(a: End, b: End): boolean {
  if ('trap' in a || 'trap' in b) return 'trap' in a && 'trap' in b;
  return isDeepStrictEqual(a.value, b.value);
}

function ourComponent(types: readonly Type[], bytes: Uint8Array<ArrayBuffer>): Make {
  const { plan, modules } = prepareComponent(bytes, () => false);
  const compiled = modules.map((module) => new WebAssembly.Module(module));
  const { invocation } = fakeWorld();
  return (seen) => {
    const pass = (value: unknown) => {
      seen(value);
      return value;
    };
    const hosts = { [HOST]: Object.fromEntries(types.map((_, index) => [`pass-${index}`, pass])) };
    const instance = new Instance(plan, compiled, () => ({ hosts, idle() {}, reset() {} }));
    return (name, argument) => {
      let end: End = { trap: 'no end' };
      instance.call({ interface: '', name }, [argument], {
        invocation,
        returned: (value) => (end = { value: plain(value) }),
        failed: (error) => (end = { trap: error.message }),
      });
      return end;
    };
  };
}

async function jcosComponent(types: readonly Type[], bytes: Uint8Array): Promise<Make> {
  const make = await jcoComponent(bytes);
  return (seen) => {
    const pass = types.map((type, index) => [
      `pass${index}`,
      (value: { tag: string; val: unknown }) => {
        seen(value);
        if (type.kind !== 'result') return value;
        // oxlint-disable-next-line typescript/only-throw-error -- so it is that jco is told of an error
        if (value.tag === 'err') throw { payload: value.val };
        return value.val;
      },
    ]);
    const instance = make({ [HOST]: Object.fromEntries(pass) });
    return (name, argument) => {
      const { kind } = types[Number(name.split('-')[1])]!;
      try {
        const value = plain((instance[name.replace('-', '')] as (argument: unknown) => unknown)(argument));
        return { value: kind === 'result' ? plain({ tag: 'ok', val: value }) : value };
      } catch (error) {
        if (kind === 'result' && Object.hasOwn(error as object, 'payload')) {
          return { value: plain({ tag: 'err', val: (error as { payload: unknown }).payload }) };
        }
        return { trap: String(error) };
      }
    };
  };
}

/** Without what is only another way to say the same: arrays of numbers, and fields that are there without a value. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return Uint8Array.from(value);
  if (ArrayBuffer.isView(value)) return Array.from(value as unknown as ArrayLike<unknown>);
  if (Array.isArray(value)) return value.map(plain);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).flatMap(([name, field]) => (field === undefined ? [] : [[name, plain(field)]])));
}
