import { DwarfError, DwarfReader } from './dwarf-reader.ts';
import { readLineHeader, type LineHeader, type LineSections } from './line-header.ts';
import { sourcePath } from './source-path.ts';

/** From an address on, up to that of the next row, code comes from this place; from no known one where `source` is null. */
export interface LineRow {
  /** Counted from where the contents of the code section begin. */
  readonly address: number;
  readonly source: string | null;
  /** The first is 1. */
  readonly line: number;
  /** The first is 1; 0 where it is not known. */
  readonly column: number;
}

/** A row takes at least one byte of the program, so their number is bounded by what was uploaded. */
export function readLineTable(sections: LineSections): LineRow[] {
  const rows: LineRow[] = [];
  const reader = new DwarfReader(sections.line);
  while (reader.more) {
    const unit = nextUnit(reader);
    if (unit === null) break;
    // One unit that cannot be read says nothing of the others.
    try {
      run(unit, readLineHeader(unit, sections), rows);
    } catch (error) {
      if (!(error instanceof DwarfError)) throw error;
    }
  }
  return rows.sort((a, b) => a.address - b.address);
}

/** What follows its length; null where no more can be found. */
function nextUnit(reader: DwarfReader): DwarfReader | null {
  try {
    const length = reader.u32();
    // 0xfffffff0 and above stand for other formats, of which wasm has none.
    return reader.part(length);
  } catch {
    return null;
  }
}

interface State {
  address: number;
  file: number;
  line: number;
  column: number;
  /** The rows since the last end of a sequence. */
  sequence: LineRow[];
}

/** Runs a unit's program (DWARF 5, section 6.2.5), and adds its rows. */
function run(unit: DwarfReader, header: LineHeader, rows: LineRow[]): void {
  unit.at = header.program;
  const sources = header.files.map((file) => sourcePath(file, header));
  const state = start();
  const advance = (operation: number) => (state.address += operation * header.instructionLength);
  const add = () => {
    const source = sources[state.file];
    // Line 0 is code of the compiler's own: it counts to what stands before it.
    if (state.line > 0 && source !== undefined)
      state.sequence.push({ address: state.address, source, line: state.line, column: state.column });
  };
  while (unit.more) {
    const opcode = unit.u8();
    if (opcode >= header.opcodeBase) {
      const special = opcode - header.opcodeBase;
      advance(Math.floor(special / header.lineRange));
      state.line += header.lineBase + (special % header.lineRange);
      add();
    } else if (opcode === 0) {
      runExtended(unit, state, rows);
    } else {
      runStandard(unit, opcode, { state, header, advance, add });
    }
  }
}

function start(): State {
  return { address: 0, file: 1, line: 1, column: 0, sequence: [] };
}

const END_SEQUENCE = 1;
const SET_ADDRESS = 2;

function runExtended(unit: DwarfReader, state: State, rows: LineRow[]): void {
  const operands = unit.part(unit.uleb());
  switch (operands.u8()) {
    case END_SEQUENCE: {
      const first = state.sequence[0]?.address ?? 0;
      // Linkers leave the lines of functions that they removed, at 0 or at the end of all addresses.
      if (first > 0 && state.address < 0xffff_fff0) {
        for (const row of state.sequence) rows.push(row);
        rows.push({ address: state.address, source: null, line: 0, column: 0 });
      }
      Object.assign(state, start());
      return;
    }
    case SET_ADDRESS:
      state.address = operands.u32();
  }
}

interface Step {
  readonly state: State;
  readonly header: LineHeader;
  readonly advance: (operation: number) => void;
  readonly add: () => void;
}

function runStandard(unit: DwarfReader, opcode: number, { state, header, advance, add }: Step): void {
  switch (opcode) {
    case 1:
      return add();
    case 2:
      return advance(unit.uleb());
    case 3:
      state.line += unit.sleb();
      return;
    case 4:
      state.file = unit.uleb();
      return;
    case 5:
      state.column = unit.uleb();
      return;
    case 8:
      return advance(Math.floor((255 - header.opcodeBase) / header.lineRange));
    case 9:
      state.address += unit.u16();
      return;
    default:
      // Statements, blocks, prologues: nothing that a stack tells of. The header says how to pass over them.
      for (let left = header.operands[opcode - 1] ?? 0; left > 0; left--) unit.uleb();
  }
}
