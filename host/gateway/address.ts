import { addressOf, contains, rangeOf, type AddressRange } from '../address.ts';

/** Clients come again: to read an address costs more than to look it up. */
const MAX_KNOWN = 10_000;

/** Whether an address is one of these, or in one of these ranges. One that nobody knows is in none. */
export function addressTest(list: readonly string[]): (address: string | null) => boolean {
  const ranges = list.map(rangeOf).filter((range): range is AddressRange => range !== null);
  if (ranges.length === 0) return () => false;
  const known = new Map<string, boolean>();
  return (text) => {
    if (text === null) return false;
    let inside = known.get(text);
    if (inside === undefined) {
      const address = addressOf(text);
      inside = address !== null && ranges.some((range) => contains(range, address));
      if (known.size >= MAX_KNOWN) known.clear();
      known.set(text, inside);
    }
    return inside;
  };
}
