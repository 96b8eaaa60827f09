import type { Codec, FlatType } from './codec.ts';
import { repeated } from './layout.ts';
import { misfit } from './misfit.ts';
import type { AbiTarget } from './target.ts';

const I32: readonly FlatType[] = ['i32'];

/** Objects of booleans by the labels. More than 32 labels take several words of 32 bits. */
export function flags(labels: readonly string[], target: AbiTarget): Codec {
  const memory = target.memory!;
  const words = Math.ceil(labels.length / 32);
  const size = labels.length === 0 ? 0 : labels.length <= 8 ? 1 : labels.length <= 16 ? 2 : 4 * words;
  const load =
    size === 1
      ? (at: number) => memory.u8[at]!
      : size === 2
        ? (at: number) => memory.view.getUint16(at, true)
        : (at: number) => memory.view.getUint32(at, true);
  const store = (at: number, bits: number) => {
    if (size === 1) memory.u8[at] = bits;
    else if (size === 2) memory.view.setUint16(at, bits, true);
    else memory.view.setUint32(at, bits, true);
  };
  return {
    size,
    align: Math.max(1, Math.min(size, 4)),
    flat: repeated(I32, words),
    load: (at) => {
      const value: Record<string, boolean> = {};
      for (let word = 0; word < words; word += 1) unpack(load(at + 4 * word), labels, word * 32, value);
      return value;
    },
    store: (at, value) => {
      for (let word = 0; word < words; word += 1) store(at + 4 * word, pack(value, labels, word * 32));
    },
    lift: (flat, at) => {
      const value: Record<string, boolean> = {};
      for (let word = 0; word < words; word += 1) unpack(flat[at + word] as number, labels, word * 32, value);
      return value;
    },
    lower: (value, flat, at) => {
      for (let word = 0; word < words; word += 1) flat[at + word] = pack(value, labels, word * 32);
    },
    target,
  };
}

function unpack(bits: number, labels: readonly string[], first: number, into: Record<string, boolean>): void {
  const end = Math.min(first + 32, labels.length);
  for (let label = first; label < end; label += 1) into[labels[label]!] = ((bits >>> (label - first)) & 1) === 1;
}

function pack(value: unknown, labels: readonly string[], first: number): number {
  if (typeof value !== 'object' || value === null) throw misfit('an object for flags', value);
  const end = Math.min(first + 32, labels.length);
  let bits = 0;
  for (let label = first; label < end; label += 1) {
    const on = (value as Readonly<Record<string, unknown>>)[labels[label]!];
    if (on === true) bits |= 1 << (label - first);
    else if (on !== false) throw misfit('bool', on).within(labels[label]!);
  }
  return bits >>> 0;
}
