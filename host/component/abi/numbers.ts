import { canonical } from './float-bits.ts';
import { misfit } from './misfit.ts';

/** Numbers of the host, as the types that they go to a guest as. @throws {Misfit} */
export const fit = {
  u8: (value: unknown): number => (typeof value === 'number' && (value & 0xff) === value ? value : refuse('u8', value)),
  s8: (value: unknown): number => (typeof value === 'number' && (value << 24) >> 24 === value ? value : refuse('s8', value)),
  u16: (value: unknown): number => (typeof value === 'number' && (value & 0xffff) === value ? value : refuse('u16', value)),
  s16: (value: unknown): number => (typeof value === 'number' && (value << 16) >> 16 === value ? value : refuse('s16', value)),
  u32: (value: unknown): number => (typeof value === 'number' && value >>> 0 === value ? value : refuse('u32', value)),
  s32: (value: unknown): number => (typeof value === 'number' && (value | 0) === value ? value : refuse('s32', value)),
  u64: (value: unknown): bigint => (typeof value === 'bigint' && BigInt.asUintN(64, value) === value ? value : refuse('u64', value)),
  s64: (value: unknown): bigint => (typeof value === 'bigint' && BigInt.asIntN(64, value) === value ? value : refuse('s64', value)),
  f32: (value: unknown): number => (typeof value === 'number' ? canonical(value) : refuse('f32', value)),
  f64: (value: unknown): number => (typeof value === 'number' ? canonical(value) : refuse('f64', value)),
} as const;

function refuse(type: string, value: unknown): never {
  throw misfit(type, value);
}
