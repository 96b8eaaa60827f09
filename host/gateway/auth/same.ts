import { sha256 } from '../../bytes.ts';
/** Whether two texts are the same, in a time that says nothing of where they differ. */
export async function same(one: string, other: string): Promise<boolean> {
  const [a, b] = await Promise.all([sha256(one), sha256(other)]);
  return sameBytes(a, b);
}

/** Of equal length; their length is no secret. */
export function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  if (one.byteLength !== other.byteLength) return false;
  let difference = 0;
  for (let index = 0; index < one.byteLength; index++) difference |= one[index]! ^ other[index]!;
  return difference === 0;
}
