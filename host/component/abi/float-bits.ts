/** Floats as the integers of the same bits, for variants whose cases share a core value. */
const SCRATCH = new DataView(new ArrayBuffer(8));

export function f32ToBits(value: number): number {
  SCRATCH.setFloat32(0, value);
  return SCRATCH.getUint32(0);
}

export function f32FromBits(bits: number): number {
  SCRATCH.setInt32(0, bits);
  return SCRATCH.getFloat32(0);
}

export function f64ToBits(value: number): bigint {
  SCRATCH.setFloat64(0, value);
  return SCRATCH.getBigUint64(0);
}

export function f64FromBits(bits: bigint): number {
  SCRATCH.setBigInt64(0, bits);
  return SCRATCH.getFloat64(0);
}

/** Engines keep the bits of a NaN that comes from wasm, so that a guest could tell others by them; a constant has none. */
export function canonical(value: number): number {
  return Number.isNaN(value) ? NaN : value;
}
