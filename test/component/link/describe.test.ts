import { describe, expect, it } from 'vitest';
import { describeComponent } from '../../../host/component/describe.ts';
import { compatible, interfaceName } from '../../../host/component/describe/interface-name.ts';
import {
  aliasExport,
  aliases,
  aliasOuter,
  component,
  custom,
  declare,
  exportOf,
  exports,
  extern,
  importOf,
  imports,
  type,
  types,
} from '../encode-component.ts';
import { composed, guest } from './samples.ts';

describe('describeComponent()', () => {
  it('names imports, exports, producers and size', () => {
    expect(describeComponent(guest)).toMatchObject({
      imports: ['test:host/log@0.2.1'],
      exports: ['test:guest/api@0.2.0'],
      producers: { language: ['Rust'], 'processed-by': [], sdk: ['kit 1.2'] },
      bytes: guest.length,
    });
  });

  it('writes the world and its interfaces as WIT', () => {
    expect(describeComponent(guest).wit).toBe(`package root:component;

world root {
  import test:host/log@0.2.1;
  export test:guest/api@0.2.0;
}

package test:host@0.2.1 {
  interface log {
    resource logger {
      write: func(line: string);
    }
    open: func() -> logger;
  }
}

package test:guest@0.2.0 {
  interface api {
    run: func(name: string) -> u32;
  }
}
`);
    expect(describeComponent(composed).wit).toContain('  export first: func() -> u32;\n  export second: func() -> u32;\n');
  });

  it('writes every kind of type, types of other interfaces with use', () => {
    const errors = type.instance(declare.type(type.variant({ refused: null, other: 'string' })), declare.export('error', extern.type(0)));
    const all = type.instance(
      declare.alias(aliasOuter('type', 1, 1)),
      declare.export('error', extern.type(0)),
      declare.type(type.record({ list: 'u8', b: 'char' })),
      declare.export('pair', extern.type(2)),
      declare.type(type.flags('read', 'write')),
      declare.export('access', extern.type(4)),
      declare.type(type.enum('on', 'off')),
      declare.export('switch', extern.type(6)),
      declare.type(type.list(3)),
      declare.type(type.option(8)),
      declare.type(type.result(null, 1)),
      declare.type(type.tuple(9, 10)),
      declare.type(type.stream('u8')),
      declare.type(type.future()),
      declare.type(type.func({ a: 11, b: 12, c: 13, d: 5, e: 7 }, 10, true)),
      declare.export('type', extern.func(14)),
    );
    const { wit } = describeComponent(
      component(
        types(errors),
        imports(importOf('test:host/errors', extern.instance(0))),
        aliases(aliasExport('type', 0, 'error')),
        types(all),
        imports(importOf('test:host/all', extern.instance(2)), importOf('plain', extern.instance(0))),
      ),
    );
    expect(wit).toContain(`  interface all {
    use errors.{error};
    record pair {
      %list: u8,
      b: char,
    }
    flags access {
      read,
      write,
    }
    enum switch {
      on,
      off,
    }
    %type: async func(a: tuple<option<list<pair>>, result<_, error>>, b: stream<u8>, c: future, d: access, e: switch) -> result<_, error>;
  }`);
    expect(wit).toContain('  import plain: interface {\n    variant error {');
  });

  it('passes over producers that cannot be read', () => {
    const bytes = component(
      custom('producers', [9, 9, 9]),
      types(type.func()),
      imports(importOf('f', extern.func(0))),
      exports(exportOf('g', 'func', 0)),
    );
    expect(describeComponent(bytes).producers).toEqual({ language: [], 'processed-by': [], sdk: [] });
  });
});

describe('interfaceName()', () => {
  it('takes a name apart', () => {
    expect(interfaceName('wasi:http/types@0.2.3')).toEqual({ namespace: 'wasi', package: 'http', interface: 'types', version: '0.2.3' });
    expect(interfaceName('a:b/c')).toEqual({ namespace: 'a', package: 'b', interface: 'c', version: null });
    expect(interfaceName('run')).toBeNull();
  });
});

describe('compatible()', () => {
  it.each<[string | null, string | null, boolean]>([
    ['0.2.0', '0.2.9', true],
    ['0.2.9', '0.2.0', true],
    ['0.2', '0.2.9', true],
    ['0.2.0', '0.3.0', false],
    ['1.2.0', '1.9.0', true],
    ['1.2.0', '2.0.0', false],
    ['0.0.1', '0.0.2', false],
    ['0.3.0-rc-2025-08-15', '0.3.0', false],
    ['0.3.0-rc-2025-08-15', '0.3.0-rc-2025-08-15', true],
    ['0.2.0+build', '0.2.1', true],
    [null, null, true],
    [null, '1.0.0', false],
    ['x', 'x', false],
  ])('%s by %s: %s', (wanted, offered, expected) => {
    expect(compatible(wanted, offered)).toBe(expected);
  });
});
