export interface Order {
  readonly items?: readonly { readonly price: number; readonly count: number }[];
}

/** @throws {RangeError} where nothing, or less, is ordered */
export function priceOf({ items = [] }: Order): number {
  const price = items.reduce((sum, item) => sum + item.price * item.count, 0);
  if (!(price > 0)) throw new RangeError('An order has to have a price.');
  return price;
}
