import { OWN, type Kind, type Op } from './hostile-guest.ts';

type Random = (below: number) => number;

interface Instruction extends Pick<Op, 'takes' | 'gives'> {
  readonly code: number;
  /** Whether handles that it takes are gone with it. */
  readonly consumes: boolean;
}

const REGISTERS = 16;
const SMALL = 0x80;
const SPECIAL = 0xf8;
const HANDLES: ReadonlySet<Kind> = new Set([
  'stream',
  'stream to write',
  'future',
  'future to write',
  'set',
  'subtask',
  'resource',
  'error',
]);
/** What mostly ends a program, and so is rare. */
const RARE = /^(task|dec|inc|set\.drop|.*cancel)/;

/**
 * A program of a hostile guest: it mostly gives its calls what they ask for, so that it comes far before it is trapped,
 * and now and then something else.
 */
export function programOf(ops: readonly Op[], random: Random): Uint8Array<ArrayBuffer> {
  const known: Kind[] = ['stream'];
  let next = 3;
  const bytes: number[] = [];
  const add = ({ code, takes, gives, consumes }: Instruction) => {
    const args = Array.from({ length: 5 }, (_, at) => argument(takes[at] ?? 'other', known, random));
    bytes.push(code, ...args);
    for (const [at, kind] of takes.entries()) if (consumes && HANDLES.has(kind) && args[at]! < REGISTERS) known[args[at]!] = 'other';
    for (const kind of gives) {
      known[next] = kind;
      next = (next + 1) % REGISTERS;
    }
  };
  for (let length = 1 + random(40); length > 0; length -= 1) add(choose(ops, known, random));
  // Most give a result in the end.
  const last = ops.findIndex(({ name }) => name === 'task.return');
  if (random(3) > 0) add({ ...ops[last]!, code: last, consumes: false });
  return new Uint8Array(bytes);
}

function choose(ops: readonly Op[], known: readonly Kind[], random: Random): Instruction {
  for (let tries = 0; ; tries += 1) {
    if (random(8) === 0) {
      const index = random(OWN.length);
      // To have `realloc` lie is the last that works.
      if (index !== 3 || random(20) === 0) return { ...OWN[index]!, code: ops.length + index, consumes: false };
    }
    const code = random(ops.length);
    const op = ops[code]!;
    if (RARE.test(op.name) && random(10) > 0) continue;
    const possible = op.takes.every((kind) => !HANDLES.has(kind) || known.includes(kind));
    if (possible || tries > 20 || random(100) === 0) return { ...op, code, consumes: /drop|^call/.test(op.name) };
  }
}

function argument(kind: Kind, known: readonly Kind[], random: Random): number {
  if (random(100) === 0) return random(256);
  if (kind === 'code') return SMALL + random(random(10) === 0 ? 4 : 3);
  if (kind === 'pointer' || kind === 'other') return random(50) === 0 ? SPECIAL + random(8) : SMALL + 8 * random(4);
  if (kind === 'length') return SMALL + random(20);
  const fitting = known.flatMap((other, register) => (other === kind ? [register] : []));
  return fitting.length > 0 ? fitting[random(fitting.length)]! : SMALL + 1 + random(4);
}
