import {
  aliasCore,
  aliasExport,
  aliases,
  bundle,
  bundleCore,
  canon,
  canons,
  component,
  coreInstances,
  coreModule,
  coreModuleSection,
  custom,
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
  text,
  type,
  types,
  vec,
  type Bytes,
} from '../encode-component.ts';

/** An instance type with a resource that can be written to. */
export const logType = type.instance(
  declare.export('logger', extern.resource),
  declare.type(type.borrow(0)),
  declare.type(type.func({ self: 1, line: 'string' })),
  declare.export('[method]logger.write', extern.func(2)),
  declare.type(type.own(0)),
  declare.type(type.func({}, 3)),
  declare.export('open', extern.func(4)),
);

export const libc = coreModule({ functions: { realloc: 'i32 i32 i32 i32 -> i32' }, memory: 'memory' });

/** As toolchains write them: imports an interface with a resource, lowers it, lifts a function that takes a string. */
export const guest = component(
  types(logType),
  imports(importOf('test:host/log@0.2.1', extern.instance(0))),
  coreModuleSection(libc),
  coreModuleSection(
    coreModule({
      imports: [
        ['log', 'open', ' -> i32'],
        ['log', 'write', 'i32 i32 i32 -> '],
        ['log', 'drop', 'i32 -> '],
      ],
      functions: { run: 'i32 i32 -> i32', 'post-run': 'i32 -> ' },
    }),
  ),
  coreInstances(instantiateModule(0)),
  aliases(
    aliasCore('coreMemory', 0, 'memory'),
    aliasCore('coreFunc', 0, 'realloc'),
    aliasExport('type', 0, 'logger'),
    aliasExport('func', 0, 'open'),
    aliasExport('func', 0, '[method]logger.write'),
  ),
  canons(canon.lower(0), canon.lower(1, option.memory(0), option.realloc(0)), canon.resourceDrop(1)),
  coreInstances(
    bundleCore([
      ['open', 'coreFunc', 1],
      ['write', 'coreFunc', 2],
      ['drop', 'coreFunc', 3],
      ['unused', 'coreFunc', 0],
    ]),
    instantiateModule(1, [['log', 1]]),
  ),
  aliases(aliasCore('coreFunc', 2, 'run'), aliasCore('coreFunc', 2, 'post-run')),
  types(type.func({ name: 'string' }, 'u32')),
  canons(canon.lift(4, 2, option.memory(0), option.realloc(0))),
  instances(bundle([['run', 'func', 2]])),
  exports(exportOf('test:guest/api@0.2.0', 'instance', 1)),
  custom(
    'producers',
    vec([
      [...text('language'), ...vec([[...text('Rust'), ...text('')]])],
      [...text('sdk'), ...vec([[...text('kit'), ...text('1.2')]])],
    ]),
  ),
);

/** Exports a function `f` of no parameters and the given core function, plus what else is asked for. */
export function provider(name: string, ...more: Bytes[]): Uint8Array<ArrayBuffer> {
  return component(
    coreModuleSection(coreModule({ functions: { [name]: ' -> i32' } })),
    coreInstances(instantiateModule(0)),
    aliases(aliasCore('coreFunc', 0, name)),
    types(type.func({}, 'u32')),
    canons(canon.lift(0, 0)),
    exports(exportOf(name, 'func', 0)),
    ...more,
  );
}

/** Imports a function `get`, and exports `twice`, whose core module calls it. */
export const consumer = component(
  types(type.func({}, 'u32')),
  imports(importOf('get', extern.func(0))),
  coreModuleSection(coreModule({ imports: [['', 'get', ' -> i32']], functions: { twice: ' -> i32' } })),
  canons(canon.lower(0)),
  coreInstances(bundleCore([['get', 'coreFunc', 0]]), instantiateModule(0, [['', 0]])),
  aliases(aliasCore('coreFunc', 1, 'twice')),
  canons(canon.lift(1, 0)),
  exports(exportOf('twice', 'func', 1)),
);

/** The two, put together as `wac plug` does. */
export const composed = component(
  nested(provider('one')),
  nested(consumer),
  instances(instantiate(0)),
  aliases(aliasExport('func', 0, 'one')),
  instances(instantiate(1, [['get', 'func', 0]]), instantiate(1, [['get', 'func', 0]])),
  aliases(aliasExport('func', 1, 'twice'), aliasExport('func', 2, 'twice')),
  exports(exportOf('first', 'func', 1), exportOf('second', 'func', 2)),
);
