import { describe, expect, it } from 'vitest';
import { readComponent } from '../../../host/component/binary/component.ts';
import type { BrinkError } from '../../../host/errors.ts';
import {
  canons,
  component,
  coreModule,
  coreModuleSection,
  custom,
  extern,
  imports,
  nested,
  section,
  text,
  type,
  types,
} from '../encode-component.ts';

function failure(bytes: Uint8Array): BrinkError {
  try {
    readComponent(bytes);
  } catch (error) {
    return error as BrinkError;
  }
  throw new Error('It was read.');
}

describe('readComponent()', () => {
  it('reads definitions in their order, with offsets in the file', () => {
    const inner = component(types(type.list('u8')));
    const bytes = component(types(type.primitive('string')), nested(inner), custom('notes', [1, 2, 3]));
    const read = readComponent(bytes);
    expect(read.definitions.map(({ kind, offset }) => [kind, offset])).toEqual([
      ['type', 11],
      ['component', 14],
    ]);
    const [, second] = read.definitions;
    expect(second).toMatchObject({ component: { offset: 14, end: 14 + inner.length, definitions: [{ kind: 'type', offset: 25 }] } });
    expect(read.customs).toEqual([{ name: 'notes', start: bytes.length - 3, end: bytes.length }]);
  });

  it('reads what a core module asks for and gives, and leaves its bytes where they are', () => {
    const module = coreModule({ imports: [['a', 'b', 'i32 -> ']], functions: { f: 'i64 -> f32' }, memory: 'm' });
    const bytes = component(coreModuleSection(module));
    const [definition] = readComponent(bytes).definitions;
    if (definition?.kind !== 'core module') throw new Error('no module');
    expect(definition.module.imports).toEqual([{ module: 'a', name: 'b', type: { kind: 'func', type: 'i32 -> ' } }]);
    expect(definition.module.exports).toEqual(
      new Map([
        ['f', { kind: 'func', type: 'i64 -> f32' }],
        ['m', { kind: 'memory', limits: { min: 1, max: null, shared: false, address64: false } }],
      ]),
    );
    expect(definition.module.bytes.buffer).toBe(bytes.buffer);
    expect([...definition.module.bytes]).toEqual(module);
  });

  it('reads every form of a name', () => {
    const form = (...bytes: number[]) => [...bytes, ...extern.func(0)];
    const attributes = [2, 1, ...text('my:dep/iface'), 2, ...text('any id')];
    const bytes = component(
      types(type.func()),
      imports(form(0, ...text('a')), form(1, ...text('wasi:http/types@0.2.3')), form(2, ...text('b'), 1, 2, ...text('any id'))),
    );
    expect(readComponent(bytes).definitions.slice(1)).toMatchObject([
      { name: { name: 'a' } },
      { name: { name: 'wasi:http/types@0.2.3' } },
      { name: { name: 'b', externalId: 'any id' } },
    ]);
    expect(failure(component(imports(form(2, ...text('b'), attributes.length, ...attributes)))).code).toBe('component-invalid');
  });

  it('reads built-ins that are no longer written', () => {
    expect(readComponent(component(canons([0x08]))).definitions).toMatchObject([{ canon: { kind: 'backpressure.set' } }]);
  });

  it('tells a core module from a component', () => {
    const error = failure(new Uint8Array(coreModule()));
    expect(error.code).toBe('component-invalid');
    expect(error.message).toContain('wasm-tools component new');
  });

  it.each<[string, Uint8Array, RegExp]>([
    ['nothing', new Uint8Array(), /does not start/],
    ['text', new TextEncoder().encode('(component)'), /does not start/],
    ['another version', new Uint8Array([0, 0x61, 0x73, 0x6d, 0x0e, 0, 1, 0]), /version 0x0e/],
    ['bytes left over', component(section(7, [0, 0])), /left over/],
    ['a section that ends early', component(section(7, [2, 0x73])), /announced|unexpected end/],
    ['an integer too large', component([7, 0x81, 0x80, 0x80, 0x80, 0x70, 0]), /32 bits/],
    ['a name that is not UTF-8', component(section(0, [2, 0xff, 0xfe])), /UTF-8/],
    ['named results', component(types([0x40, 0, 1, 1, ...text('a'), 0x7f])), /named results/],
    ['a flag that is neither', component(canons([0x0c, 2])), /neither 0 nor 1/],
    ['a core module within that starts as none', component(coreModuleSection([0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0])), /core module/],
    ['a component within that is a core module', component(nested(coreModule())), /core module/],
    ['sections of a core module out of order', component(coreModuleSection([...coreModule(), ...section(1, [0])])), /out of order/],
  ])('refuses %s', (_, bytes, message) => {
    const error = failure(bytes);
    expect(error.code).toBe('component-invalid');
    expect(error.message).toMatch(message);
    expect(error.details).toMatchObject({ offset: expect.any(Number) });
  });
});
