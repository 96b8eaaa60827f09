import type { KVNamespace, LockManager } from '../../../sdk/index.ts';

interface Env {
  STOCK: KVNamespace;
  LOCKS: LockManager;
}

const AT_FIRST = 10;

/** `POST /ITEM` takes one of an item, by a read and a write that no other request may come between. */
export default {
  async fetch(request: Request, { STOCK, LOCKS }: Env): Promise<Response> {
    const item = new URL(request.url).pathname;
    if (request.method !== 'POST') return Response.json({ left: await leftOf(STOCK, item) });
    return LOCKS.request(item, { wait: 5_000 }, async ({ fence }) => {
      const left = await leftOf(STOCK, item);
      if (left === 0) return Response.json({ left }, { status: 409 });
      await STOCK.put(item, String(left - 1), { fence });
      return Response.json({ left: left - 1 });
    });
  },
};

async function leftOf(stock: KVNamespace, item: string): Promise<number> {
  return Number((await stock.get(item)) ?? AT_FIRST);
}
