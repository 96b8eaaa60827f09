import type { Factory } from '../settings.ts';
import { ok } from '../values/result.ts';

/** wasi:config/store, and wasi:config/runtime as it was called before. */
export const config: Factory = (_world, { vars }) => ({
  get: (key: string) => ok(Object.hasOwn(vars, key) ? vars[key] : undefined),
  'get-all': () => ok(Object.entries(vars)),
});
