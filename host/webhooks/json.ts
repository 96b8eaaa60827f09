import { checkedEvent } from '../../sdk/cloud-event.ts';
import { sourceOf, type Hook } from './hook.ts';
import { invalid } from './scheme.ts';
import type { Named } from './store.ts';

const TYPE = 'brink.webhook.json';
const MEDIA_TYPE = /^\s*application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i;
const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * What was posted as JSON, as the data of an event. Its media type has to say so: a form of any page can post text, and
 * without asking.
 *
 * @throws {BrinkError} `webhook-invalid`
 */
export function postedEvent({ headers }: Request, body: Uint8Array, { hook, now }: { readonly hook: Hook; readonly now: number }): Named {
  if (!MEDIA_TYPE.test(headers.get('content-type') ?? '')) throw invalid('its Content-Type is not application/json');
  const id = keyOf(headers) ?? crypto.randomUUID();
  const attributes = { specversion: '1.0', id, source: sourceOf(hook), type: TYPE, time: new Date(now).toISOString() };
  return { id, event: checkedEvent({ ...attributes, datacontenttype: 'application/json' }, dataOf(body)) };
}

/** https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/: a text in quotes, which many leave out. */
function keyOf(headers: Headers): string | null {
  const sent = headers.get('idempotency-key')?.trim();
  if (sent === undefined) return null;
  const key = /^"([^"\\]*)"$/.exec(sent)?.[1] ?? sent;
  if (!/^[!#-[\]-~]{1,256}$/.test(key)) throw invalid('its Idempotency-Key is not 1 to 256 visible characters');
  return key;
}

function dataOf(body: Uint8Array): unknown {
  try {
    return JSON.parse(utf8.decode(body));
  } catch {
    throw invalid('its body is no JSON');
  }
}
