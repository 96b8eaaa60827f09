import { invalid, unsupported } from './errors.ts';
import { hex, type Reader } from './reader.ts';
import type { Declaration, Sort, SortIndex } from './syntax.ts';

const CORE_SORTS: Readonly<Record<number, Sort>> = {
  0x00: 'core func',
  0x01: 'core table',
  0x02: 'core memory',
  0x03: 'core global',
  0x04: 'core tag',
  0x10: 'core type',
  0x11: 'core module',
  0x12: 'core instance',
};
const SORTS: Readonly<Record<number, Sort>> = { 0x01: 'func', 0x03: 'type', 0x04: 'component', 0x05: 'instance' };
const OUTER_SORTS = new Set<Sort>(['core module', 'core type', 'component', 'type']);

export function readCoreSort(reader: Reader): Sort {
  const code = reader.byte();
  const sort = CORE_SORTS[code];
  if (sort === undefined) throw invalid(`${hex(code)} is not a core sort`, reader.position - 1);
  return sort;
}

function readSort(reader: Reader): Sort {
  const offset = reader.position;
  const code = reader.byte();
  if (code === 0x00) return readCoreSort(reader);
  if (code === 0x02) throw unsupported('a value definition', offset);
  const sort = SORTS[code];
  if (sort === undefined) throw invalid(`${hex(code)} is not a sort`, offset);
  return sort;
}

export function readSortIndex(reader: Reader): SortIndex {
  return { sort: readSort(reader), index: reader.u32() };
}

export function readAlias(reader: Reader): Declaration & { kind: 'alias' } {
  const offset = reader.position;
  const sort = readSort(reader);
  const code = reader.byte();
  switch (code) {
    case 0x00:
      if (sort.startsWith('core ') && sort !== 'core module') throw invalid(`an export of an instance is aliased as a ${sort}`, offset);
      return { kind: 'alias', offset, sort, target: { kind: 'export', instance: reader.u32(), name: reader.name() } };
    case 0x01:
      if (!sort.startsWith('core ')) throw invalid(`an export of a core instance is aliased as a ${sort}`, offset);
      return { kind: 'alias', offset, sort, target: { kind: 'core export', instance: reader.u32(), name: reader.name() } };
    case 0x02:
      if (!OUTER_SORTS.has(sort)) throw invalid(`an outer alias is of a ${sort}`, offset);
      return { kind: 'alias', offset, sort, target: { kind: 'outer', count: reader.u32(), index: reader.u32() } };
    default:
      throw invalid(`${hex(code)} is no form of an alias`, offset);
  }
}
