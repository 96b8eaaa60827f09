import { readAlias, readCoreSort, readSortIndex } from './alias.ts';
import { readCanon } from './canon.ts';
import { readCoreModule } from './core-module.ts';
import { readCoreType } from './core-types.ts';
import { invalid, unsupported } from './errors.ts';
import { readName } from './names.ts';
import { hex, Reader } from './reader.ts';
import type { ComponentSyntax, CoreInstanceExpression, CustomSection, Definition, InstanceExpression } from './syntax.ts';
import { readExternType, readType } from './types.ts';

const MAGIC = [0x00, 0x61, 0x73, 0x6d];

/**
 * Reads a component binary (design/mvp/Binary.md of the Component Model). Core modules stay where they are in `bytes`.
 *
 * @throws {BrinkError} `component-invalid`, `component-unsupported`; both name the byte
 */
export function readComponent(bytes: Uint8Array): ComponentSyntax {
  return readBody(new Reader(bytes));
}

function readBody(reader: Reader): ComponentSyntax {
  return reader.nested('a component', () => {
    const offset = reader.position;
    readPreamble(reader);
    const definitions: Definition[] = [];
    const customs: CustomSection[] = [];
    while (!reader.done) {
      const start = reader.position;
      const id = reader.byte();
      if (id > 12) throw unsupported(`section ${id}`, start, 'The specification has no such section.');
      const section = reader.part(reader.u32(), 'a section');
      if (id === 0) customs.push({ name: section.name(), start: section.position, end: section.end });
      else readSection(id, section, definitions, start);
      if (id !== 0 && !section.done) throw invalid('a section has bytes left over', section.position);
    }
    return { offset, end: reader.end, definitions, customs };
  });
}

function readPreamble(reader: Reader): void {
  const offset = reader.position;
  for (const byte of MAGIC) {
    if (reader.done || reader.byte() !== byte) throw invalid('it does not start with \\0asm', offset);
  }
  const version = reader.byte() | (reader.byte() << 8);
  const layer = reader.byte() | (reader.byte() << 8);
  if (version === 1 && layer === 0) {
    throw invalid('this is a core module; make it a component with `wasm-tools component new`', offset);
  }
  if (version !== 0x0d || layer !== 1) throw invalid(`version ${hex(version)} of layer ${layer} is not known`, offset + 4);
}

function readSection(id: number, section: Reader, into: Definition[], start: number): void {
  switch (id) {
    case 1:
      into.push({ kind: 'core module', offset: section.position, module: readCoreModule(section) });
      return;
    case 4:
      into.push({ kind: 'component', offset: section.position, component: readBody(section) });
      return;
    case 9:
      throw unsupported('a start section', start);
    case 12:
      throw unsupported('a value section', start);
    default: {
      const read = DEFINITIONS[id]!;
      section.vector(() => into.push(read(section, section.position)));
    }
  }
}

const DEFINITIONS: Readonly<Record<number, (reader: Reader, offset: number) => Definition>> = {
  2: (reader, offset) => ({ kind: 'core instance', offset, ...readCoreInstance(reader) }),
  3: (reader, offset) => ({ kind: 'core type', offset, type: readCoreType(reader) }),
  5: (reader, offset) => ({ kind: 'instance', offset, ...readInstance(reader) }),
  6: (reader) => readAlias(reader),
  7: (reader, offset) => ({ kind: 'type', offset, type: readType(reader) }),
  8: (reader, offset) => ({ kind: 'canon', offset, canon: readCanon(reader) }),
  10: (reader, offset) => ({ kind: 'import', offset, name: readName(reader), type: readExternType(reader) }),
  11: (reader, offset) => ({
    kind: 'export',
    offset,
    name: readName(reader),
    item: readSortIndex(reader),
    type: reader.optional('the type of an export', readExternType),
  }),
};

function readCoreInstance(reader: Reader): CoreInstanceExpression {
  const offset = reader.position;
  const form = reader.byte();
  if (form > 1) throw invalid(`${hex(form)} is no form of a core instance`, offset);
  if (form === 1) return { module: null, exports: reader.vector(() => [reader.name(), readCoreSortIndex(reader)]) };
  const module = reader.u32();
  const args = reader.vector((): [string, number] => {
    const name = reader.name();
    if (reader.byte() !== 0x12) throw invalid('a core module is given something other than a core instance', reader.position - 1);
    return [name, reader.u32()];
  });
  return { module, args };
}

function readCoreSortIndex(reader: Reader) {
  return { sort: readCoreSort(reader), index: reader.u32() };
}

function readInstance(reader: Reader): InstanceExpression {
  const offset = reader.position;
  const form = reader.byte();
  if (form > 1) throw invalid(`${hex(form)} is no form of an instance`, offset);
  if (form === 1) return { component: null, exports: reader.vector(() => [readName(reader), readSortIndex(reader)]) };
  return { component: reader.u32(), args: reader.vector(() => [reader.name(), readSortIndex(reader)]) };
}
