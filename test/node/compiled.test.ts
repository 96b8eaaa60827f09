import { describe, expect, it } from 'vitest';
import { CompiledModules } from '../../host/platforms/node/compiled.ts';

/** `(module)`, with a custom section of so many bytes. */
function module(size: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 0, size + 1, 0, ...Array.from({ length: size }, () => 7)]);
}

describe('CompiledModules', () => {
  it('compiles a module of an artifact once, also for those who ask at the same time', async () => {
    const modules = new CompiledModules();
    const first = modules.of(['artifact', 'a.wasm'], module(3));
    expect(await modules.of(['artifact', 'a.wasm'], module(3))).toBe(await first);
    expect(await modules.of(['artifact', 'b.wasm'], module(3))).not.toBe(await first);
    expect(await modules.of(['another', 'a.wasm'], module(3))).not.toBe(await first);
  });

  it('keeps those that were wanted last', async () => {
    const modules = new CompiledModules(2 * module(20).byteLength);
    const of = (name: string) => modules.of(['artifact', name], module(20));
    const [a, b] = [await of('a'), await of('b')];
    expect(await of('a')).toBe(a);
    await of('c');
    expect(await of('a')).toBe(a);
    expect(await of('b')).not.toBe(b);
  });

  it('does not keep one that is larger than all that it keeps', async () => {
    const modules = new CompiledModules(10);
    const large = await modules.of(['artifact', 'a'], module(20));
    expect(await modules.of(['artifact', 'a'], module(20))).not.toBe(large);
  });

  it('names the module that is none', async () => {
    const modules = new CompiledModules();
    const refused = modules.of(['artifact', 'a.wasm'], new Uint8Array(4));
    await expect(refused).rejects.toMatchObject({ code: 'startup-failed', details: { module: 'a.wasm' } });
  });
});
