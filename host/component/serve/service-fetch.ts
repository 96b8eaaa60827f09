import { HttpError } from '../wasi/http/error-code.ts';

/** Below it lie service bindings, as `http://NAME.brink.internal/`; it is never looked up. ICANN keeps `internal` for private use. */
const INTERNAL = 'brink.internal';

interface Service {
  fetch(request: Request): Promise<Response>;
}

/**
 * The service binding that a request of a component goes to; null: it goes out, by the platform's `fetch`. In a host's name
 * case does not count (RFC 9110, section 4.2.3) and an underscore is not always taken, so `other-api` is `OTHER_API`.
 *
 * @throws {HttpError} destination-not-found, where the manifest has no such binding; the message says which it has
 */
export function serviceFor(url: string, env: Readonly<Record<string, unknown>>): Service | null {
  const { hostname } = new URL(url);
  const host = hostname.endsWith('.') ? hostname.slice(0, -1) : hostname;
  if (host !== INTERNAL && !host.endsWith(`.${INTERNAL}`)) return null;
  const asked = host.slice(0, -INTERNAL.length - 1);
  const services = Object.entries(env).filter((entry): entry is [string, Service] => isService(entry[1]));
  const found = services.filter(([name]) => labelOf(name) === labelOf(asked));
  if (found.length === 1) return found[0]![1];
  const known = services.map(([name]) => name).join(', ') || 'none';
  const why = found.length === 0 ? 'no service binding has this name' : `it may be ${found.map(([name]) => name).join(' or ')}`;
  throw new HttpError(
    { tag: 'destination-not-found' },
    { cause: new Error(`${host}: ${why}. Service bindings of this function: ${known}.`) },
  );
}

function labelOf(name: string): string {
  return name.toLowerCase().replaceAll('_', '-');
}

/** No other binding has `fetch`, and vars are data. */
function isService(value: unknown): value is Service {
  return typeof value === 'object' && value !== null && typeof (value as Partial<Service>).fetch === 'function';
}
