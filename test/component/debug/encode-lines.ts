import { u32 } from '../encode-component.ts';

type Bytes = readonly number[];

const le = (value: number, bytes: number) => Array.from({ length: bytes }, (_, at) => Math.floor(value / 256 ** at) % 256);
const cstr = (text: string) => [...new TextEncoder().encode(text), 0];

export function sleb(value: number): number[] {
  const bytes: number[] = [];
  for (;;) {
    const byte = value & 0x7f;
    value >>= 7;
    if ((value === 0 && !(byte & 0x40)) || (value === -1 && byte & 0x40)) return [...bytes, byte];
    bytes.push(byte | 0x80);
  }
}

/** Operations of a line number program; line_base is -5, line_range 14, opcode_base 13. */
export const op = {
  address: (at: number) => [0, 5, 2, ...le(at, 4)],
  end: [0, 1, 1],
  copy: [1],
  advance: (by: number) => [2, ...u32(by)],
  line: (by: number) => [3, ...sleb(by)],
  file: (index: number) => [4, ...u32(index)],
  column: (column: number) => [5, ...u32(column)],
  constAddPc: [8],
  fixedAdvance: (by: number) => [9, ...le(by, 2)],
  special: (address: number, line: number) => [address * 14 + line + 5 + 13],
};

const OPERANDS = [0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1];

/** @param version of DWARF, 2 to 5; directories and files are those of the header, from number 1 on (5: from 0 on) */
export function unit(
  version: number,
  directories: readonly string[],
  files: readonly (readonly [string, number])[],
  program: readonly Bytes[],
): number[] {
  const listed = [...directories.flatMap(cstr), 0, ...files.flatMap(([name, directory]) => [...cstr(name), ...u32(directory), 0, 0]), 0];
  // A path as a string; and for files the number of their folder, in a byte.
  const tabled = [
    1,
    1,
    8,
    ...u32(directories.length),
    ...directories.flatMap(cstr),
    2,
    1,
    8,
    2,
    11,
    ...u32(files.length),
    ...files.flatMap(([name, directory]) => [...cstr(name), directory]),
  ];
  const rest = [1, ...(version >= 4 ? [1] : []), 1, 251, 14, 13, ...OPERANDS, ...(version >= 5 ? tabled : listed)];
  const body = [...le(version, 2), ...(version >= 5 ? [4, 0] : []), ...le(rest.length, 4), ...rest, ...program.flat()];
  return [...le(body.length, 4), ...body];
}
