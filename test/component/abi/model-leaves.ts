import { ResourceHandle } from '../../../host/component/abi/handles.ts';
import { RESOURCES, type FakeGuest } from './fake-guest.ts';

/** Integers in memory, and what they and strings stand for, as in definitions.py of the Component Model. */
export function loadNumber(guest: FakeGuest, pointer: number, bytes: number): number {
  return Number(loadInt(guest, pointer, bytes));
}

export function loadInt({ u8 }: FakeGuest, pointer: number, bytes: number): bigint {
  let value = 0n;
  for (let at = bytes - 1; at >= 0; at -= 1) value = (value << 8n) | BigInt(u8[pointer + at]!);
  return value;
}

export function storeInt({ u8 }: FakeGuest, value: bigint, pointer: number, bytes: number): void {
  for (let at = 0; at < bytes; at += 1) u8[pointer + at] = Number(BigInt.asUintN(8, value >> BigInt(8 * at)));
}

export function fromInt(guest: FakeGuest, { kind, ...rest }: { kind: string; resource?: number }, bits: bigint): unknown {
  switch (kind) {
    case 'bool':
      return bits !== 0n;
    case 'u8':
    case 'u16':
    case 'u32':
      return Number(BigInt.asUintN(Number(kind.slice(1)), bits));
    case 's8':
    case 's16':
    case 's32':
      return Number(BigInt.asIntN(Number(kind.slice(1)), bits));
    case 'u64':
      return bits;
    case 's64':
      return BigInt.asIntN(64, bits);
    case 'f32':
      return intToFloat(bits, 4);
    case 'f64':
      return intToFloat(bits, 8);
    case 'char':
      return String.fromCodePoint(Number(bits));
    case 'own':
    case 'borrow': {
      const { resource } = rest as { resource: number };
      if (kind === 'borrow' && resource === 1) return { resource, rep: Number(bits) };
      const handle = (kind === 'own' ? guest.handles.remove(Number(bits)) : guest.handles.get(Number(bits))) as ResourceHandle;
      return RESOURCES[resource]!.kind === 'imported' ? handle.rep : { resource, rep: handle.rep };
    }
    default:
      return kind === 'error-context' ? guest.handles.get(Number(bits)) : guest.handles.remove(Number(bits));
  }
}

export function toInt(guest: FakeGuest, { kind, ...rest }: { kind: string; resource?: number }, value: unknown): bigint {
  switch (kind) {
    case 'bool':
      return value === true ? 1n : 0n;
    case 'f32':
      return floatToInt(value as number, 4);
    case 'f64':
      return floatToInt(value as number, 8);
    case 'char':
      return BigInt((value as string).codePointAt(0)!);
    case 'own':
    case 'borrow': {
      const { resource } = rest as { resource: number };
      const rep = RESOURCES[resource]!.kind === 'imported' ? value : (value as { rep: number }).rep;
      return BigInt(guest.handles.add(new ResourceHandle(resource, rep, kind === 'own', null)));
    }
    case 'error-context':
    case 'stream':
    case 'future':
      return BigInt(guest.handles.add(value));
    default:
      return BigInt(value as number | bigint);
  }
}

export function intToFloat(bits: bigint, bytes: 4 | 8): number {
  const view = new DataView(new ArrayBuffer(8));
  if (bytes === 4) view.setUint32(0, Number(bits));
  else view.setBigUint64(0, bits);
  return bytes === 4 ? view.getFloat32(0) : view.getFloat64(0);
}

export function floatToInt(value: number, bytes: 4 | 8): bigint {
  const view = new DataView(new ArrayBuffer(8));
  if (bytes === 4) view.setFloat32(0, value);
  else view.setFloat64(0, value);
  return bytes === 4 ? BigInt(view.getUint32(0)) : view.getBigUint64(0);
}

export function flagBits(value: unknown, names: readonly string[]): bigint {
  return names.reduce((bits, label, index) => bits | ((value as Record<string, boolean>)[label] === true ? 1n << BigInt(index) : 0n), 0n);
}

export function loadString(guest: FakeGuest, pointer: number, tagged: number): string {
  const wide = guest.encoding === 'utf16' || (guest.encoding === 'latin1+utf16' && tagged >= 2 ** 31);
  if (wide) {
    const units = guest.encoding === 'utf16' ? tagged : tagged - 2 ** 31;
    return Array.from({ length: units }, (_, unit) => String.fromCharCode(loadNumber(guest, pointer + 2 * unit, 2))).join('');
  }
  const bytes = guest.u8.slice(pointer, pointer + tagged);
  if (guest.encoding === 'utf8') return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
}

export function storeString(guest: FakeGuest, value: string): [pointer: number, units: number] {
  const codes = Array.from({ length: value.length }, (_, index) => value.charCodeAt(index));
  if (guest.encoding === 'utf8') {
    const bytes = new TextEncoder().encode(value);
    const at = guest.allocate(1, bytes.length);
    guest.u8.set(bytes, at);
    return [at, bytes.length];
  }
  const narrow = guest.encoding === 'latin1+utf16' && codes.every((code) => code < 0x100);
  const width = narrow ? 1 : 2;
  const at = guest.allocate(2, codes.length * width);
  codes.forEach((code, index) => storeInt(guest, BigInt(code), at + index * width, width));
  return [at, guest.encoding === 'latin1+utf16' && !narrow ? codes.length + 2 ** 31 : codes.length];
}
