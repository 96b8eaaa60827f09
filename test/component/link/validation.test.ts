import { describe, expect, it } from 'vitest';
import { BrinkError } from '../../../host/errors.ts';
import { linkComponent } from '../../../host/component/link/link.ts';
import {
  aliasCore,
  aliases,
  aliasExport,
  aliasOuter,
  canon,
  canons,
  component,
  coreInstances,
  coreModule,
  coreModuleSection,
  coreTypes,
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
  option,
  section,
  text,
  type,
  types,
  u32,
  vec,
  type Bytes,
} from '../encode-component.ts';

function failure(...sections: Bytes[]): { code: string; message: string; details: unknown } | null {
  try {
    linkComponent(component(...sections));
    return null;
  } catch (error) {
    if (!(error instanceof BrinkError)) throw error;
    return { code: error.code, message: error.message, details: error.details };
  }
}

/** A memory, `realloc`, and a function `f` of a signature, as core functions 0 and 1. */
const core = (signature: string): Bytes[] => [
  coreModuleSection(
    coreModule({ functions: { f: signature, realloc: 'i32 i32 i32 i32 -> i32', callback: 'i32 i32 i32 -> i32' }, memory: 'memory' }),
  ),
  coreInstances(instantiateModule(0)),
  aliases(
    aliasCore('coreFunc', 0, 'f'),
    aliasCore('coreFunc', 0, 'realloc'),
    aliasCore('coreFunc', 0, 'callback'),
    aliasCore('coreMemory', 0, 'memory'),
  ),
];

describe('types', () => {
  it.each<[string, RegExp, ...Bytes[]]>([
    ['an index that is not there', /no type 3 here/, types(type.list(3))],
    ['a function as a value', /is a func, not a value type/, types(type.func(), type.list(0))],
    ['own of no resource', /not a resource/, types(type.primitive('u8'), type.own(0))],
    ['a label that is not kebab case', /not in kebab case/, types(type.record({ aB: 'u8' }))],
    ['labels that differ by case', /differ by case alone/, types(type.enum('a', 'A'))],
    ['a record of nothing', /has no field/, types([0x72, 0x00])],
    ['more than 32 flags', /33 labels/, types(type.flags(...Array.from({ length: 33 }, (_, i) => `f${i}`)))],
    ['a stream of char', /stream<char>/, types(type.stream('char'))],
    ['a borrow in a result', /holds a borrow/, types(type.resource(), type.borrow(0), type.option(1), type.func({}, 2))],
    ['a borrow in a stream', /holds a borrow/, types(type.resource(), type.borrow(0), type.stream(1))],
    ['a value of 2^28 bytes', /268435456 bytes/, types(type.fixedList('u8', 2 ** 28))],
    ['a fixed list of nothing', /no items/, types(type.fixedList('u8', 0))],
    ['a map with a list as its key', /key of a map/, types(type.list('u8'), type.map(0, 'u8'))],
    ['a resource in an instance type', /defined within a type/, types(type.instance(declare.type(type.resource())))],
    [
      'a resource of another component',
      /into another component/,
      types(type.resource()),
      nested(component(aliases(aliasOuter('type', 1, 0)))),
    ],
    [
      'an outer alias of a type of components that refers to a resource outside of it',
      /resource into another component/,
      types(type.resource(), type.component(declare.alias(aliasOuter('type', 1, 0)), declare.import('a', extern.type(0)))),
      nested(component(aliases(aliasOuter('type', 1, 1)))),
    ],
    [
      'the same, further within',
      /resource into another component/,
      types(type.resource(), type.instance(declare.type(type.instance(declare.alias(aliasOuter('type', 2, 0)))))),
      nested(component(aliases(aliasOuter('type', 1, 1)))),
    ],
    [
      'a memory of more pages than there are addresses',
      /more than 65536 pages/,
      coreTypes([0x50, ...vec([[0x00, ...text(''), ...text('m'), 0x02, 0x00, ...u32(70_000)]])]),
    ],
    ['an outer alias that counts too far', /counts 2 scopes/, aliases(aliasOuter('type', 2, 0))],
  ])('%s is refused', (_, message, ...sections) => {
    expect(failure(...sections)).toMatchObject({
      code: 'component-invalid',
      message: expect.stringMatching(message),
      details: { offset: expect.any(Number) },
    });
  });
});

it('an outer alias of a type of components that has a resource of its own is taken', () => {
  const owner = type.component(declare.import('a', extern.resource), declare.type(type.own(0)));
  expect(failure(types(type.resource(), owner), nested(component(aliases(aliasOuter('type', 1, 1)))))).toBe(null);
});

describe('imports, exports and arguments', () => {
  const needsF = nested(component(types(type.func({ a: 'u8' })), imports(importOf('f', extern.func(0)))));
  it.each<[string, RegExp, ...Bytes[]]>([
    ['a name that is none', /not a name/, types(type.func()), imports(importOf('a--b', extern.func(0)))],
    [
      'two names that differ by case',
      /case alone/,
      types(type.func()),
      imports(importOf('a', extern.func(0)), importOf('A', extern.func(0))),
    ],
    ['a method of no resource', /no resource/, types(type.func()), imports(importOf('[method]r.f', extern.func(0)))],
    [
      'a method without self',
      /'self'/,
      imports(importOf('r', extern.resource)),
      types(type.func()),
      imports(importOf('[method]r.f', extern.func(1))),
    ],
    [
      'a constructor of another type',
      /does not give/,
      imports(importOf('r', extern.resource)),
      types(type.func({}, 'u8')),
      imports(importOf('[constructor]r', extern.func(1))),
    ],
    ['a missing argument', /'f' is missing/, needsF, instances(instantiate(0))],
    ['an argument of another sort', /is a component, not a func/, needsF, instances(instantiate(0, [['f', 'component', 0]]))],
    [
      'an argument of another type',
      /another type/,
      needsF,
      types(type.func({ b: 'u8' })),
      imports(importOf('g', extern.func(0))),
      instances(instantiate(0, [['f', 'func', 0]])),
    ],
    [
      'an export of another type than it says',
      /another type/,
      types(type.func(), type.func({}, 'u8')),
      imports(importOf('g', extern.func(0))),
      exports(exportOf('f', 'func', 0, extern.func(1))),
    ],
    [
      'an instance without what its type says',
      /'f' is missing/,
      types(type.instance(), type.instance(declare.type(type.func()), declare.export('f', extern.func(0)))),
      imports(importOf('i', extern.instance(0))),
      exports(exportOf('j', 'instance', 0, extern.instance(1))),
    ],
    [
      'a component that needs more than its type says',
      /'f' is missing/,
      needsF,
      types(type.component()),
      exports(exportOf('c', 'component', 0, extern.component(0))),
    ],
    [
      'an alias of no export',
      /no func named 'f'/,
      types(type.instance()),
      imports(importOf('i', extern.instance(0))),
      aliases(aliasExport('func', 0, 'f')),
    ],
    [
      'a core module without its import',
      /not given/,
      coreModuleSection(coreModule({ imports: [['m', 'f', ' -> ']] })),
      coreInstances(instantiateModule(0)),
    ],
  ])('%s is refused', (_, message, ...sections) => {
    expect(failure(...sections)).toMatchObject({ code: 'component-invalid', message: expect.stringMatching(message) });
  });

  it('a component that is never instantiated is checked too', () => {
    expect(failure(nested(component(types(type.list(7)))))).toMatchObject({ code: 'component-invalid' });
    expect(failure(types(type.component(declare.type(type.list(7)))))).toMatchObject({ code: 'component-invalid' });
  });
});

describe('canonical definitions', () => {
  it.each<[string, RegExp, ...Bytes[]]>([
    [
      'a list without memory',
      /memory is missing/,
      ...core('i32 i32 -> '),
      types(type.list('u8'), type.func({ a: 0 })),
      canons(canon.lift(0, 1)),
    ],
    [
      'a list without realloc',
      /realloc is missing/,
      ...core('i32 i32 -> '),
      types(type.list('u8'), type.func({ a: 0 })),
      canons(canon.lift(0, 1, option.memory(0))),
    ],
    ['another core type', /not \(i32 -> i64\)/, ...core('i32 -> i32'), types(type.func({ a: 'u8' }, 'u64')), canons(canon.lift(0, 0))],
    ['an option given twice', /given twice/, ...core(' -> '), types(type.func()), canons(canon.lift(0, 0, option.utf8, option.utf16))],
    ['async of a function type that is not', /is not async/, ...core(' -> '), types(type.func()), canons(canon.lift(0, 0, option.async))],
    ['a callback without async', /without async/, ...core(' -> '), types(type.func()), canons(canon.lift(0, 0, option.callback(2)))],
    [
      'a callback of another core type',
      /option callback has/,
      ...core(' -> i32'),
      types(type.func({}, undefined, true)),
      canons(canon.lift(0, 0, option.async, option.callback(1))),
    ],
    [
      'post-return with async',
      /stand together/,
      ...core(' -> i32'),
      types(type.func({}, undefined, true)),
      canons(canon.lift(0, 0, option.async, option.callback(2), option.postReturn(0))),
    ],
    [
      'post-return of a lower',
      /may not stand here/,
      ...core(' -> '),
      types(type.func()),
      imports(importOf('f', extern.func(0))),
      canons(canon.lower(0, option.postReturn(0))),
    ],
    ['realloc without memory', /without memory/, ...core(' -> '), types(type.func()), canons(canon.lift(0, 0, option.realloc(1)))],
    ['resource.rep of an imported resource', /does not define/, imports(importOf('r', extern.resource)), canons(canon.resourceRep(0))],
    ['stream.new of a future', /not a stream/, types(type.future()), canons(canon.of(0x0e, 0))],
    ['a third context slot', /slot 2/, canons(canon.of(0x0a, 0x7f, 2))],
    [
      'task.return with realloc',
      /may not stand here/,
      ...core(' -> '),
      canons(canon.taskReturn(null, option.memory(0), option.realloc(1))),
    ],
    ['a destructor of another core type', /destructor/, ...core(' -> '), types(type.resource(0))],
  ])('with %s are refused', (_, message, ...sections) => {
    expect(failure(...sections)).toMatchObject({ code: 'component-invalid', message: expect.stringMatching(message) });
  });

  it('take what is needed and no more', () => {
    const many = Object.fromEntries(Array.from({ length: 17 }, (_, i) => [`p${i}`, 'u8' as const]));
    expect(failure(...core('i32 -> '), types(type.func(many)), canons(canon.lift(0, 0, option.memory(0), option.realloc(1))))).toBeNull();
    expect(
      failure(...core(' -> i32'), types(type.func({}, undefined, true)), canons(canon.lift(0, 0, option.async, option.callback(2)))),
    ).toBeNull();
  });
});

describe('what is not supported', () => {
  it.each<[string, string, ...Bytes[]]>([
    ['threads', 'canon thread.spawn-ref', canons(canon.of(0x40, 0, 0))],
    ['threads', 'canon thread.index', canons(canon.of(0x26))],
    [
      'the option gc',
      'the canonical option gc',
      types(type.func()),
      imports(importOf('f', extern.func(0))),
      canons(canon.lower(0, [0x09])),
    ],
    ['an unknown built-in', 'canon 0x77', canons(canon.of(0x77))],
    ['an unknown type', 'type 0x62', types([0x62])],
    ['an unknown section', 'section 13', section(13, [])],
    ['a start section', 'a start section', section(9, [0, 0, 0])],
    ['a value section', 'a value section', section(12, [0])],
    ['a value import', 'a value import or export', imports([0x00, ...text('v'), 0x02, 0x01, 0x7f])],
    ['a core module import', 'a core module import', coreTypes([0x50, 0x00]), imports(importOf('m', extern.module(0)))],
    ['a component import', 'a component import', types(type.component()), imports(importOf('c', extern.component(0)))],
    ['context.get of an i64', 'canon context.get i64', canons(canon.of(0x0a, 0x7e, 0))],
    ['a resource of i64', 'a resource with (rep i64)', types([0x3f, 0x7e, 0x00])],
  ])('%s is refused by name', (_, construct, ...sections) => {
    expect(failure(...sections)).toMatchObject({ code: 'component-unsupported', details: { construct, offset: expect.any(Number) } });
  });

  it('a memory of 64 bits is refused where it is used by an option', () => {
    const module = [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0, ...section(5, [1, 0x04, 1]), ...section(7, [1, ...text('memory'), 2, 0])];
    const sections = [coreModuleSection(module), coreInstances(instantiateModule(0)), aliases(aliasCore('coreMemory', 0, 'memory'))];
    expect(failure(...sections)).toBeNull();
    expect(failure(...sections, canons(canon.of(0x20, 0, ...u32(0))))).toMatchObject({ code: 'component-unsupported' });
  });

  it('more than 1,000 core instances are refused', () => {
    const many = Array.from({ length: 1001 }, () => instantiateModule(0));
    expect(failure(coreModuleSection(coreModule()), coreInstances(...many))).toMatchObject({ code: 'component-unsupported' });
  });
});
