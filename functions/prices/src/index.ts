import { WorkerEntrypoint } from 'cloudflare:workers';

const CENTS: Readonly<Record<string, number>> = { tea: 350, coffee: 420 };

/** What things cost: over HTTP for everyone, and by method for functions that have it in their `services`. */
export default class Prices extends WorkerEntrypoint {
  override fetch(request: Request): Response {
    const item = new URL(request.url).pathname.slice(1);
    return new Response(`${item}: ${this.of(item)}\n`);
  }

  /** In cents. @throws {RangeError} where it is not for sale */
  of(item: string): number {
    const cents = Object.hasOwn(CENTS, item) ? CENTS[item] : undefined;
    if (cents === undefined) throw new RangeError(`There is no ${item}.`);
    return cents;
  }
}
