import { addressOf, contains, rangeOf, type AddressRange } from '../address.ts';

/** Whether an address is one of these, or in one of these ranges. One that nobody knows is in none. */
export function addressTest(list: readonly string[]): (address: string | null) => boolean {
  const ranges = list.map(rangeOf).filter((range): range is AddressRange => range !== null);
  return (text) => {
    const address = text === null ? null : addressOf(text);
    return address !== null && ranges.some((range) => contains(range, address));
  };
}
