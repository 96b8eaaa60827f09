import { describe, expect, it } from 'vitest';
import { readModule } from '../../../host/component/core/module.ts';
import { functionNameAt, functionNames, moduleName } from '../../../host/component/core/names.ts';
import { encodeModule, nameMap, sized, text } from './encode.ts';

const NAMES = [0, ...sized(text('guest'))].concat(
  nameMap(1, [
    [0, 'first'],
    [2, 'third'],
    [300, 'später'],
  ]),
);

describe('functionNameAt()', () => {
  const bytes = encodeModule({ customs: [['name', NAMES]] });

  it.each([
    [0, 'first'],
    [1, null],
    [2, 'third'],
    [300, 'später'],
    [301, null],
  ])('names function %i: %s', (index, name) => {
    expect(functionNameAt(bytes, index)).toBe(name);
    expect(functionNameAt(functionNames(readModule(bytes)), index)).toBe(name);
  });

  it('the module has a name too', () => {
    expect(moduleName(readModule(bytes))).toBe('guest');
    expect(moduleName(readModule(encodeModule({})))).toBeNull();
  });

  it('what is malformed has no names, and is no error', () => {
    const cut = encodeModule({ customs: [['name', NAMES.slice(0, -3)]] });
    expect(functionNameAt(cut, 1)).toBeNull();
    const binary = encodeModule({ customs: [['name', [1, 4, 1, 0, 1, 0xff]]] });
    expect(functionNameAt(binary, 0)).toBeNull();
  });
});
