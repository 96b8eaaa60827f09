import { timingSafeEqual } from 'node:crypto';
import { registerHooks } from 'node:module';
import { FixedLengthStream, IdentityTransformStream, scheduler } from '../../host/platforms/node/worker/workers-globals.ts';
import { currentWorld, type World } from './invocation.ts';

const WORKERS = new URL(import.meta.url.endsWith('.ts') ? 'workers.ts' : 'workers.js', import.meta.url).href;
const RealDate = Date;

/** Has functions find what the runtime adds to Node's, where it is not there: `cloudflare:workers`, `caches` and other globals. In all of the process, from now on. */
export function provideRuntime(): void {
  registerHooks({
    resolve: (specifier, context, next) =>
      specifier === 'cloudflare:workers' ? { url: WORKERS, shortCircuit: true } : next(specifier, context),
  });
  for (const [name, value] of Object.entries({ caches, scheduler, FixedLengthStream, IdentityTransformStream }))
    provide(globalThis, name, value);
  provide(SubtleCrypto.prototype, 'timingSafeEqual', timingSafeEqual);
}

/** Those of the test env whose code runs: code outside of handlers may take them as well. */
const caches = {
  default: {
    put: async (...args: Parameters<Cache['put']>) => current().default.put(...args),
    match: async (...args: Parameters<Cache['match']>) => current().default.match(...args),
    delete: async (...args: Parameters<Cache['delete']>) => current().default.delete(...args),
  },
  open: async (name: string) => current().open(name),
};

function current(): World['caches'] {
  const world = currentWorld();
  if (world === undefined) throw new Error('caches: no test env is open.');
  return world.caches;
}

function provide(target: object, name: string, value: unknown): void {
  if (!(name in target)) Object.defineProperty(target, name, { value, configurable: true, writable: true });
}

/** Has `Date` tell another time; gives what puts it back. @throws {Error} where it does already */
export function patchDate(now: () => number): () => void {
  if (globalThis.Date !== RealDate)
    throw new Error('patchDate: Date is another already, that of another test env or of fake timers. Close that one before.');
  globalThis.Date = new Proxy(RealDate, {
    construct: (target, args, newTarget) => Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget) as Date,
    apply: () => new RealDate(now()).toString(),
    get: (target, name, receiver) => (name === 'now' ? now : (Reflect.get(target, name, receiver) as unknown)),
  });
  return () => void (globalThis.Date = RealDate);
}
