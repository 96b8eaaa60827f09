import type { Binding } from './registry.ts';

type Maker = (options?: Readonly<Record<string, unknown>>) => Binding;

let made = 0;

/** `output` of @azure/functions: to queues, and the response of a function that answers HTTP. */
export const output = makers('output', ['http', 'storageQueue', 'serviceBusQueue']);
/** `input` of @azure/functions, of which nothing is there: functions read bindings of their own. */
export const input = makers('input', []);
/** `trigger` of @azure/functions, which `app.generic` takes, and that is not there. */
export const trigger = makers('trigger', []);

function makers(what: string, kinds: readonly string[]): Readonly<Record<string, Maker>> {
  const known = Object.fromEntries(
    kinds.map((kind): [string, Maker] => [kind, (options = {}) => ({ ...options, type: kind, name: `${kind}${++made}` })]),
  );
  return new Proxy(known, {
    get(target, name) {
      if (typeof name === 'symbol' || Object.hasOwn(target, name)) return target[name as string];
      const there = kinds.length === 0 ? '' : `; there are ${kinds.join(', ')}`;
      throw new TypeError(
        `${what}.${name} of @azure/functions is not there in Brink${there}. Use a binding of brink.toml, by env of cloudflare:workers.`,
      );
    },
  });
}
