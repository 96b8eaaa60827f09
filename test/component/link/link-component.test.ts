import { describe, expect, it } from 'vitest';
import { linkComponent } from '../../../host/component/link/link.ts';
import {
  aliasCore,
  aliasExport,
  aliasOuter,
  aliases,
  bundle,
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
  type,
  types,
} from '../encode-component.ts';
import { composed, guest, libc, provider } from './samples.ts';

describe('linkComponent()', () => {
  it('lays out what one component imports, lowers, lifts and exports', () => {
    const { plan, modules } = linkComponent(guest);
    expect(modules.map((module) => module.length)).toEqual([libc.length, expect.any(Number)]);
    expect(plan.modules).toEqual([
      { name: 'core0.wasm', fixed: null },
      { name: 'core1.wasm', fixed: null },
    ]);
    expect(plan.resources).toEqual([{ kind: 'imported', interface: 'test:host/log@0.2.1', name: 'logger' }]);
    expect(plan.functions).toEqual([
      { kind: 'import', interface: 'test:host/log@0.2.1', name: 'open', signature: 0 },
      { kind: 'import', interface: 'test:host/log@0.2.1', name: '[method]logger.write', signature: 1 },
      expect.objectContaining({ kind: 'lift', component: 0, options: expect.objectContaining({ encoding: 'utf8', memory: 0 }) }),
    ]);
    expect(plan.exports).toEqual({ 'test:guest/api@0.2.0': { run: 2 } });
    expect(plan.instances[1]).toEqual({
      module: 1,
      component: 0,
      imports: {
        log: { open: { kind: 'function', function: 0 }, write: { kind: 'function', function: 2 }, drop: { kind: 'function', function: 3 } },
      },
    });
  });

  it('gives modules as parts of the bytes, not as copies', () => {
    const { modules } = linkComponent(guest);
    expect(modules.every((module) => module.buffer === guest.buffer)).toBe(true);
  });

  it('gives the same plan each time, as plain JSON', () => {
    const { plan } = linkComponent(guest);
    expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
    expect(linkComponent(guest).plan).toEqual(plan);
  });

  it('puts each type after those that it is made of, and equal types once', () => {
    const tuple = type.tuple('u8', 'string');
    const { plan } = linkComponent(
      component(
        types(tuple, type.list(0), tuple, type.list(2), type.func({ a: 1, b: 3 })),
        imports(importOf('f', extern.func(4))),
        exports(exportOf('g', 'func', 0)),
      ),
    );
    expect(plan.types).toEqual([{ kind: 'u8' }, { kind: 'string' }, { kind: 'tuple', items: [0, 1] }, { kind: 'list', element: 2 }]);
    expect(plan.signatures).toEqual([
      {
        async: false,
        params: [
          ['a', 3],
          ['b', 3],
        ],
        result: null,
      },
    ]);
  });

  it('leaves out functions that nothing reaches', () => {
    const { plan } = linkComponent(
      component(types(type.func()), imports(importOf('f', extern.func(0)), importOf('g', extern.func(0))), canons(canon.lower(0))),
    );
    expect([plan.functions, plan.coreFunctions, plan.types]).toEqual([[], [], []]);
  });

  it('instantiates nested components, each instance with state of its own', () => {
    const { plan, modules } = linkComponent(composed);
    expect(modules).toHaveLength(2);
    expect(plan.components).toEqual([{ parent: null }, { parent: 0 }, { parent: 0 }, { parent: 0 }]);
    expect(plan.instances.map(({ module, component: of }) => [module, of])).toEqual([
      [0, 1],
      [1, 2],
      [1, 3],
    ]);
    const lowered = plan.coreFunctions.filter((each) => each.kind === 'lower');
    expect(lowered.map((each) => [each.function, each.component])).toEqual([
      [0, 2],
      [0, 3],
    ]);
    expect(plan.functions[0]).toMatchObject({ kind: 'lift', component: 1 });
    expect(Object.keys(plan.exports[''] ?? {})).toEqual(['first', 'second']);
  });

  it('makes a defined resource anew for each instance, and gives it its destructor', () => {
    const inner = component(
      coreModuleSection(coreModule({ functions: { drop: 'i32 -> ' } })),
      coreInstances(instantiateModule(0)),
      aliases(aliasCore('coreFunc', 0, 'drop')),
      types(type.resource(0)),
      exports(exportOf('r', 'type', 0)),
      types(type.own(1), type.func({}, 2)),
      canons(canon.resourceNew(0)),
      coreModuleSection(coreModule({ functions: { make: ' -> i32' }, imports: [['', 'new', 'i32 -> i32']] })),
      coreInstances([0x01, 1, 3, 0x6e, 0x65, 0x77, 0x00, 1], instantiateModule(1, [['', 1]])),
      aliases(aliasCore('coreFunc', 2, 'make')),
      canons(canon.lift(2, 3)),
      exports(exportOf('make', 'func', 0)),
    );
    const { plan } = linkComponent(
      component(
        nested(inner),
        instances(instantiate(0), instantiate(0)),
        exports(exportOf('a', 'instance', 0), exportOf('b', 'instance', 1)),
      ),
    );
    expect(plan.resources).toEqual([
      { kind: 'defined', component: 1, destructor: expect.any(Number) },
      { kind: 'defined', component: 2, destructor: expect.any(Number) },
    ]);
    expect(plan.resources[0]).not.toEqual(plan.resources[1]);
    expect(Object.keys(plan.exports)).toEqual(['a', 'b']);
  });

  it('knows one imported resource under every name that it is given', () => {
    const holder = type.instance(
      declare.alias(aliasOuter('type', 1, 1)),
      declare.export('logger', extern.type(0)),
      declare.type(type.borrow(1)),
      declare.type(type.func({ of: 2 })),
      declare.export('close', extern.func(3)),
    );
    const { plan } = linkComponent(
      component(
        types(type.instance(declare.export('logger', extern.resource))),
        imports(importOf('test:host/log', extern.instance(0))),
        aliases(aliasExport('type', 0, 'logger')),
        types(holder),
        imports(importOf('test:host/close', extern.instance(2))),
        exports(exportOf('again', 'instance', 1)),
      ),
    );
    expect(plan.resources).toEqual([{ kind: 'imported', interface: 'test:host/log', name: 'logger' }]);
  });

  it('follows outer aliases of modules, components and types', () => {
    const inner = component(
      aliases(aliasOuter('coreModule', 1, 0), aliasOuter('component', 1, 0), aliasOuter('type', 1, 0)),
      instances(instantiate(0)),
      coreInstances(instantiateModule(0)),
      aliases(aliasCore('coreFunc', 0, 'two')),
      canons(canon.lift(0, 0)),
      aliases(aliasExport('func', 0, 'one')),
      exports(exportOf('one', 'func', 1), exportOf('two', 'func', 0)),
    );
    const { plan } = linkComponent(
      component(
        coreModuleSection(coreModule({ functions: { two: ' -> i32' } })),
        nested(provider('one')),
        types(type.func({}, 'u32')),
        nested(inner),
        instances(instantiate(1)),
        exports(exportOf('both', 'instance', 0)),
      ),
    );
    expect(plan.components).toEqual([{ parent: null }, { parent: 1 - 1 }, { parent: 1 }]);
    expect(Object.keys(plan.exports['both'] ?? {})).toEqual(['one', 'two']);
  });

  it('instantiates a component that it is given as an argument', () => {
    const wants = component(
      types(type.func({}, 'u32'), type.component(declare.type(type.func({}, 'u32')), declare.export('one', extern.func(0)))),
      imports(importOf('plugin', extern.component(1))),
      instances(instantiate(0)),
      aliases(aliasExport('func', 0, 'one')),
      exports(exportOf('run', 'func', 0)),
    );
    const { plan } = linkComponent(
      component(
        nested(provider('one')),
        nested(wants),
        instances(instantiate(1, [['plugin', 'component', 0]])),
        exports(exportOf('app', 'instance', 0)),
      ),
    );
    expect(plan.exports).toEqual({ app: { run: 0 } });
    expect(plan.instances).toHaveLength(1);
  });

  it('takes an instance put together from functions as an argument', () => {
    const wants = component(
      types(type.instance(declare.type(type.func({}, 'u32')), declare.export('get', extern.func(0)))),
      imports(importOf('test:host/get', extern.instance(0))),
      aliases(aliasExport('func', 0, 'get')),
      exports(exportOf('run', 'func', 0)),
    );
    const { plan } = linkComponent(
      component(
        nested(provider('one')),
        nested(wants),
        instances(instantiate(0)),
        aliases(aliasExport('func', 0, 'one')),
        instances(bundle([['get', 'func', 0]]), instantiate(1, [['test:host/get', 'instance', 1]])),
        aliases(aliasExport('func', 2, 'run')),
        exports(exportOf('run', 'func', 1)),
      ),
    );
    expect(plan.functions).toMatchObject([{ kind: 'lift' }]);
  });
});
