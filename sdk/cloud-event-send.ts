import { cloudEventMessage, type CloudEventMode } from './cloud-event-http.ts';
import type { CloudEvent } from './cloud-event.ts';

export interface SendCloudEventsOptions {
  /** `binary` by default, and `batch` for a list. */
  readonly mode?: CloudEventMode;
  /** Besides those of the event: `Authorization`, say. */
  readonly headers?: HeadersInit;
  readonly signal?: AbortSignal;
  /** What sends it: `env.NAME.fetch` of a service binding, say. */
  readonly fetch?: (url: string, init: RequestInit) => Promise<Response>;
}

/** The receiver did not take events. HTTP 1.1 Web Hooks for Event Delivery, section 2.2. */
export class CloudEventRefused extends Error {
  override readonly name = 'CloudEventRefused';
  readonly status: number;
  /** Seconds until it may be tried again, as the receiver says; null where it says nothing. */
  readonly retryAfter: number | null;
  /** Whether the receiver wants no more of them, or cannot read them: the same again would be refused again. */
  readonly final: boolean;

  constructor(status: number, retryAfter: number | null) {
    super(`The receiver answered ${status}.`);
    this.status = status;
    this.retryAfter = retryAfter;
    this.final = status === 410 || status === 415 || status === 400 || status === 413;
  }
}

/**
 * Posts events to a URL, and resolves once the receiver has taken them.
 *
 * @throws {CloudEventRefused} where it answers with anything else than 2xx
 * @throws {CloudEventError} where an event is none
 *
 * @example
 * ```ts
 * await sendCloudEvents(env.SINK, event, { headers: { authorization: `Bearer ${env.SINK_TOKEN}` } });
 * ```
 */
export async function sendCloudEvents(
  url: string,
  events: CloudEvent | readonly CloudEvent[],
  options: SendCloudEventsOptions = {},
): Promise<void> {
  const { mode = Array.isArray(events) ? 'batch' : 'binary', signal } = options;
  const { headers, body } = cloudEventMessage(events, mode);
  for (const [name, value] of new Headers(options.headers)) headers.set(name, value);
  const send = options.fetch ?? ((to, init) => fetch(to, init));
  // RFC 9110, section 15.4: an event that is sent on by itself goes to whom nobody has asked.
  const response = await send(url, { method: 'POST', headers, body, redirect: 'manual', ...(signal !== undefined && { signal }) });
  await response.body?.cancel();
  if (!response.ok) throw new CloudEventRefused(response.status, retryAfterOf(response.headers, Date.now()));
}

/** RFC 9110, section 10.2.3: seconds, or a date. */
function retryAfterOf(headers: Headers, now: number): number | null {
  const value = headers.get('retry-after');
  if (value === null) return null;
  if (/^\d{1,9}$/.test(value)) return Number(value);
  const date = Date.parse(value);
  return Number.isNaN(date) ? null : Math.max(0, Math.ceil((date - now) / 1000));
}
