import { AsyncLocalStorage } from 'node:async_hooks';

const storage = new AsyncLocalStorage<number>();
const stored = async () => {
  await new Promise((resolve) => setTimeout(resolve, 1));
  return storage.getStore();
};

export default {
  async fetch(): Promise<Response> {
    // Never called; on a platform without it this would only fail then.
    const files = () => import('node:fs/promises');
    return Response.json([...(await Promise.all([1, 2, 3].map((n) => storage.run(n, stored)))), typeof files]);
  },
};
