import { DwarfError, DwarfReader } from './dwarf-reader.ts';

/** The sections that hold line numbers, and the strings of these. */
export interface LineSections {
  readonly line: Uint8Array;
  readonly lineStrings: Uint8Array;
  readonly strings: Uint8Array;
  /** How many names of files and folders may still be read. */
  budget: number;
}

/** Of one module: more are not what a compiler made. */
export const MOST_NAMES = 200_000;

/** The header of a unit's line number program (DWARF 5, section 6.2.4). */
export interface LineHeader {
  readonly version: number;
  readonly addressSize: number;
  readonly instructionLength: number;
  readonly lineBase: number;
  readonly lineRange: number;
  readonly opcodeBase: number;
  /** How many operands each standard opcode has; the first is that of opcode 1. */
  readonly operands: readonly number[];
  readonly directories: readonly string[];
  /** By the number that the program calls them by. */
  readonly files: readonly LineFile[];
  /** Where the program begins. */
  readonly program: number;
}

export interface LineFile {
  readonly name: string;
  readonly directory: number;
}

/** @param unit what follows the unit's length */
export function readLineHeader(unit: DwarfReader, sections: LineSections): LineHeader {
  const version = unit.u16();
  if (version < 2 || version > 5) throw new DwarfError(`version ${version} is not known`);
  const addressSize = version >= 5 ? unit.u8() : 4;
  if (version >= 5) unit.skip(1);
  const length = unit.u32();
  const program = unit.at + length;
  if (program > unit.end) throw new DwarfError('the header runs past its unit');
  const instructionLength = unit.u8();
  if (version >= 4) unit.skip(1);
  unit.skip(1);
  const lineBase = unit.s8();
  const lineRange = unit.u8();
  const opcodeBase = unit.u8();
  if (lineRange === 0 || opcodeBase === 0) throw new DwarfError('lines have no range');
  const operands = Array.from({ length: opcodeBase - 1 }, () => unit.u8());
  const tables = version >= 5 ? readTables(unit, sections) : readListedTables(unit, sections);
  return { version, addressSize, instructionLength, lineBase, lineRange, opcodeBase, operands, ...tables, program };
}

type Tables = Pick<LineHeader, 'directories' | 'files'>;

/** Up to DWARF 4: lists that end with an empty name. What they leave out, as number 0, is the folder of the compilation. */
function readListedTables(unit: DwarfReader, sections: LineSections): Tables {
  const directories = [''];
  for (let name = unit.text(); name !== ''; name = unit.text()) {
    spend(sections, 1);
    directories.push(name);
  }
  const files: LineFile[] = [{ name: '', directory: 0 }];
  for (let name = unit.text(); name !== ''; name = unit.text()) {
    spend(sections, 1);
    const directory = unit.uleb();
    unit.uleb();
    unit.uleb();
    files.push({ name, directory });
  }
  return { directories, files };
}

function readTables(unit: DwarfReader, sections: LineSections): Tables {
  const directories = readEntries(unit, sections).map(({ name }) => name);
  return { directories, files: readEntries(unit, sections) };
}

const PATH = 1;
const DIRECTORY = 2;

/** DWARF 5: entries whose format stands before them. */
function readEntries(unit: DwarfReader, sections: LineSections): LineFile[] {
  const format = Array.from({ length: unit.u8() }, () => ({ content: unit.uleb(), form: unit.uleb() }));
  const count = unit.uleb();
  // An entry without a format takes no byte, and a number of them costs the sender nothing.
  spend(sections, count);
  const entries: LineFile[] = [];
  for (let left = count; left > 0; left--) {
    let [name, directory] = ['', 0];
    for (const { content, form } of format) {
      const value = readForm(unit, form, sections);
      if (content === PATH) name = String(value);
      if (content === DIRECTORY) directory = Number(value);
    }
    entries.push({ name, directory });
  }
  return entries;
}

function spend(sections: LineSections, names: number): void {
  sections.budget -= names;
  if (sections.budget < 0) throw new DwarfError('there are too many files');
}

/** The forms that the format of an entry may name (DWARF 5, section 6.2.4.1). */
function readForm(unit: DwarfReader, form: number, { lineStrings, strings }: LineSections): string | number {
  switch (form) {
    case 0x08:
      return unit.text();
    case 0x0e:
      return new DwarfReader(strings, unit.u32()).text();
    case 0x1f:
      return new DwarfReader(lineStrings, unit.u32()).text();
    case 0x0f:
      return unit.uleb();
    case 0x0b:
      return unit.u8();
    case 0x05:
      return unit.u16();
    case 0x06:
      return unit.u32();
    case 0x07:
      return skipped(unit, 8);
    case 0x1e:
      return skipped(unit, 16);
    case 0x09:
      return skipped(unit, unit.uleb());
    default:
      throw new DwarfError(`form ${form} is not known`);
  }
}

function skipped(unit: DwarfReader, length: number): number {
  unit.skip(length);
  return 0;
}
