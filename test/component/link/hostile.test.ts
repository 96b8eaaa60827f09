import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { BrinkError } from '../../../host/errors.ts';
import { describeComponent } from '../../../host/component/describe.ts';
import { linkComponent } from '../../../host/component/link/link.ts';
import { prepareComponent } from '../../../host/component/prepare.ts';
import {
  aliasCore,
  aliases,
  aliasOuter,
  canon,
  canons,
  component,
  coreInstances,
  coreModule,
  coreModuleSection,
  declare,
  exportOf,
  exports,
  extern,
  importOf,
  imports,
  instances,
  instantiate,
  instantiateModule,
  nested,
  section,
  type,
  types,
  u32,
  type Bytes,
} from '../encode-component.ts';
import { fuzz, fuzzRuns, fuzzTimeout, mutate, refusal } from '../fuzz.ts';
import { composed, guest } from './samples.ts';

const MUTATIONS = fuzzRuns(10_000);

function fileOf(name: string): Uint8Array {
  return readFileSync(new URL(`../guests/${name}.wasm`, import.meta.url));
}

function failure(bytes: Uint8Array): string {
  try {
    linkComponent(bytes);
  } catch (error) {
    if (error instanceof BrinkError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return 'none';
}

describe('hostile components', () => {
  it.each([
    ['of a guest', guest, MUTATIONS],
    ['of a composed component', composed, MUTATIONS],
    ['of a component of 8 KB', fileOf('p3-stackful'), MUTATIONS / 10],
    ['of a composed component of 200 KB', fileOf('p3-composed'), MUTATIONS / 100],
  ])('each mutation %s is prepared or refused with a code', { timeout: fuzzTimeout(MUTATIONS) }, async (_, bytes, runs) => {
    const codes = new Set<string>();
    await fuzz(runs, (random) => codes.add(refusal(() => prepareComponent(mutate(bytes, random), () => false))));
    for (const code of codes) expect(['component-invalid', 'component-unsupported', 'none']).toContain(code);
    if (runs >= 10_000) expect(codes.size).toBe(3);
  });

  it('each end of a component but the last is refused, or is a component of its first sections', () => {
    for (let length = 0; length < guest.length; length++) expect(failure(guest.subarray(0, length))).toMatch(/^(none|component-invalid)/);
  });

  it('one that instantiates others by the million is refused', () => {
    let inner = component();
    const doubled = (of: Uint8Array) => component(nested(of), instances(instantiate(0), instantiate(0)));
    for (let i = 0; i < 40; i++) inner = doubled(inner);
    expect(failure(inner)).toMatch(/takes more than 1000000 definitions/);
  });

  it('one of types that double in size is refused', () => {
    const pairs = Array.from({ length: 30 }, (_, i): Bytes => (i === 0 ? type.tuple('u8') : type.tuple(i - 1, i - 1)));
    expect(failure(component(types(...pairs)))).toMatch(/more than 1000000 others/);
    const interfaces = Array.from({ length: 40 }, (_, i): Bytes =>
      i === 0
        ? type.instance()
        : type.instance(
            declare.alias(aliasOuter('type', 1, i - 1)),
            declare.export('a', extern.instance(0)),
            declare.export('b', extern.instance(0)),
          ),
    );
    expect(failure(component(types(...interfaces)))).toMatch(/component-invalid/);
  });

  it('one of types that are nested deeply is refused', () => {
    const options = Array.from({ length: 200 }, (_, i): Bytes => type.option(i === 0 ? 'u8' : i - 1));
    expect(failure(component(types(...options)))).toMatch(/nested more than 100 deep/);
    let instance: Bytes = type.instance();
    for (let i = 0; i < 200; i++) instance = type.instance(declare.type(instance));
    expect(failure(component(types(instance)))).toMatch(/nested more than 100 deep/);
  });

  it('one of components that are nested deeply is refused', () => {
    let inner = component();
    for (let i = 0; i < 200; i++) inner = component(nested(inner));
    expect(failure(inner)).toMatch(/nested more than 100 deep/);
  });

  it('one of components that instantiate each other in a long row is refused', () => {
    const row = Array.from({ length: 200 }, (_, i) =>
      nested(i === 0 ? component() : component(aliases(aliasOuter('component', 1, i - 1)), instances(instantiate(0)))),
    );
    expect(failure(component(...row))).toMatch(/instances are nested more than 100 deep/);
  });

  it('one of functions that are lifted from each other in a long row is refused', () => {
    const row = Array.from({ length: 200 }, (_, i) => canons(canon.lower(i), canon.lift(i, 0)));
    expect(failure(component(types(type.func()), imports(importOf('f', extern.func(0))), ...row))).toMatch(/lifted from each other/);
  });

  it('one that announces more than it holds is refused at once', () => {
    expect(failure(component(section(7, u32(0xffffffff))))).toMatch(/more than there are bytes/);
    expect(failure(component(section(0, u32(0xffffffff))))).toMatch(/runs past/);
  });

  it('a large type used by many functions is described in bounded text', () => {
    const pairs = Array.from({ length: 19 }, (_, i): Bytes => (i === 0 ? type.tuple('u8') : type.tuple(i - 1, i - 1)));
    const many = Array.from({ length: 50 }, (_, i) => importOf(`f${i}`, extern.func(19)));
    const { wit } = describeComponent(component(types(...pairs, type.func({ a: 18 })), imports(...many)));
    expect(wit.length).toBeLessThan(5_000_000);
  });

  it('names that plain objects know are kept apart', () => {
    const module = coreModule({ imports: [['__proto__', 'x', ' -> ']] });
    const provider = coreModule({ functions: { x: ' -> ' } });
    const bytes = component(
      coreModuleSection(provider),
      coreModuleSection(module),
      coreInstances(instantiateModule(0), instantiateModule(1, [['__proto__', 0]])),
    );
    expect(failure(bytes)).toMatch(/^component-unsupported.*__proto__/);
    const { plan } = linkComponent(
      component(
        coreModuleSection(coreModule({ functions: { f: ' -> ' } })),
        coreInstances(instantiateModule(0)),
        aliases(aliasCore('coreFunc', 0, 'f')),
        types(type.func()),
        canons(canon.lift(0, 0)),
        exports(exportOf('constructor', 'func', 0)),
      ),
    );
    expect(Object.hasOwn(plan.exports['']!, 'constructor')).toBe(true);
  });
});
