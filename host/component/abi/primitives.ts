import type { PrimitiveKind } from '../plan.ts';
import { Trap } from '../trap.ts';
import type { Codec, FlatType } from './codec.ts';
import { canonical } from './float-bits.ts';
import { misfit } from './misfit.ts';
import { fit } from './numbers.ts';
import type { AbiTarget } from './target.ts';

export type FixedKind = Exclude<PrimitiveKind, 'string' | 'error-context'>;

const I32: readonly FlatType[] = ['i32'];
const I64: readonly FlatType[] = ['i64'];
const F32: readonly FlatType[] = ['f32'];
const F64: readonly FlatType[] = ['f64'];

/**
 * Values of a few bytes that stand for nothing else. The spare bits of a core value are cut off, as the canonical ABI
 * has it. Each kind has closures of its own, as shared ones would call through a table for every number.
 */
export function primitive(kind: FixedKind, target: AbiTarget): Codec {
  // Null only where nothing is loaded or stored: whoever does that has checked the range.
  const memory = target.memory!;
  switch (kind) {
    case 'bool':
      return {
        size: 1,
        align: 1,
        flat: I32,
        load: (at) => memory.u8[at] !== 0,
        store: (at, value) => void (memory.u8[at] = bool(value)),
        lift: (flat, at) => flat[at] !== 0,
        lower: (value, flat, at) => void (flat[at] = bool(value)),
        target,
      };
    case 'u8':
      return {
        size: 1,
        align: 1,
        flat: I32,
        load: (at) => memory.u8[at],
        store: (at, value) => void (memory.u8[at] = fit.u8(value)),
        lift: (flat, at) => (flat[at] as number) & 0xff,
        lower: (value, flat, at) => void (flat[at] = fit.u8(value)),
        target,
      };
    case 's8':
      return {
        size: 1,
        align: 1,
        flat: I32,
        load: (at) => memory.view.getInt8(at),
        store: (at, value) => memory.view.setInt8(at, fit.s8(value)),
        lift: (flat, at) => ((flat[at] as number) << 24) >> 24,
        lower: (value, flat, at) => void (flat[at] = fit.s8(value)),
        target,
      };
    case 'u16':
      return {
        size: 2,
        align: 2,
        flat: I32,
        load: (at) => memory.view.getUint16(at, true),
        store: (at, value) => memory.view.setUint16(at, fit.u16(value), true),
        lift: (flat, at) => (flat[at] as number) & 0xffff,
        lower: (value, flat, at) => void (flat[at] = fit.u16(value)),
        target,
      };
    case 's16':
      return {
        size: 2,
        align: 2,
        flat: I32,
        load: (at) => memory.view.getInt16(at, true),
        store: (at, value) => memory.view.setInt16(at, fit.s16(value), true),
        lift: (flat, at) => ((flat[at] as number) << 16) >> 16,
        lower: (value, flat, at) => void (flat[at] = fit.s16(value)),
        target,
      };
    case 'u32':
      return {
        size: 4,
        align: 4,
        flat: I32,
        load: (at) => memory.view.getUint32(at, true),
        store: (at, value) => memory.view.setUint32(at, fit.u32(value), true),
        lift: (flat, at) => (flat[at] as number) >>> 0,
        lower: (value, flat, at) => void (flat[at] = fit.u32(value)),
        target,
      };
    case 's32':
      return {
        size: 4,
        align: 4,
        flat: I32,
        load: (at) => memory.view.getInt32(at, true),
        store: (at, value) => memory.view.setInt32(at, fit.s32(value), true),
        lift: (flat, at) => (flat[at] as number) | 0,
        lower: (value, flat, at) => void (flat[at] = fit.s32(value)),
        target,
      };
    case 'u64':
      return {
        size: 8,
        align: 8,
        flat: I64,
        load: (at) => memory.view.getBigUint64(at, true),
        store: (at, value) => memory.view.setBigUint64(at, fit.u64(value), true),
        lift: (flat, at) => BigInt.asUintN(64, flat[at] as bigint),
        lower: (value, flat, at) => void (flat[at] = fit.u64(value)),
        target,
      };
    case 's64':
      return {
        size: 8,
        align: 8,
        flat: I64,
        load: (at) => memory.view.getBigInt64(at, true),
        store: (at, value) => memory.view.setBigInt64(at, fit.s64(value), true),
        lift: (flat, at) => BigInt.asIntN(64, flat[at] as bigint),
        lower: (value, flat, at) => void (flat[at] = fit.s64(value)),
        target,
      };
    case 'f32':
      return {
        size: 4,
        align: 4,
        flat: F32,
        load: (at) => canonical(memory.view.getFloat32(at, true)),
        store: (at, value) => memory.view.setFloat32(at, fit.f32(value), true),
        lift: (flat, at) => canonical(flat[at] as number),
        lower: (value, flat, at) => void (flat[at] = fit.f32(value)),
        target,
      };
    case 'f64':
      return {
        size: 8,
        align: 8,
        flat: F64,
        load: (at) => canonical(memory.view.getFloat64(at, true)),
        store: (at, value) => memory.view.setFloat64(at, fit.f64(value), true),
        lift: (flat, at) => canonical(flat[at] as number),
        lower: (value, flat, at) => void (flat[at] = fit.f64(value)),
        target,
      };
    case 'char':
      return {
        size: 4,
        align: 4,
        flat: I32,
        load: (at) => charOf(memory.view.getUint32(at, true)),
        store: (at, value) => memory.view.setUint32(at, codePoint(value), true),
        lift: (flat, at) => charOf((flat[at] as number) >>> 0),
        lower: (value, flat, at) => void (flat[at] = codePoint(value)),
        target,
      };
  }
}

function bool(value: unknown): number {
  if (value === true) return 1;
  if (value === false) return 0;
  throw misfit('bool', value);
}

function charOf(code: number): string {
  if (code >= 0x110000 || (code >= 0xd800 && code <= 0xdfff)) throw new Trap(`A char of the guest is none: 0x${code.toString(16)}.`);
  return String.fromCodePoint(code);
}

function codePoint(value: unknown): number {
  if (typeof value === 'string') {
    const code = value.codePointAt(0);
    if (code !== undefined && value.length === (code > 0xffff ? 2 : 1) && (code < 0xd800 || code > 0xdfff)) return code;
  }
  throw misfit('char', value);
}
