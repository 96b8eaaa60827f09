import type { CloudEvent } from '../../sdk/cloud-event.ts';
import { readCloudEventMessage } from '../../sdk/cloud-event-http.ts';
import { BrinkError } from '../errors.ts';
import type { Hook } from './hook.ts';

const utf8 = new TextEncoder();

/**
 * Answers the handshake by which a sender asks whether its events are wanted.
 * https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/http-webhook.md, section 4
 *
 * @throws {BrinkError} `bad-request`, `forbidden`
 */
export function handshake({ headers }: Request, hook: Hook): Response {
  const origin = headers.get('webhook-request-origin');
  if (origin === null) throw new BrinkError('bad-request', 'A handshake says who asks: it has no WebHook-Request-Origin.');
  checkOrigin(origin, hook);
  return new Response(null, {
    status: 204,
    headers: { allow: 'POST, OPTIONS', 'webhook-allowed-origin': origin, 'webhook-allowed-rate': '*' },
  });
}

/** A sender that was allowed says who it is with each delivery. @throws {BrinkError} `forbidden` */
export function checkOrigin(origin: string | null, { settings }: Hook): void {
  const { allowed_origins: allowed } = settings;
  if (origin === null || allowed === undefined || allowed.some((each) => each.toLowerCase() === origin.toLowerCase())) return;
  throw new BrinkError('forbidden', 'This webhook takes no events of this origin.');
}

/**
 * Passes who has one of the tokens, as `Authorization: Bearer` or as `access_token` of the query (section 3).
 *
 * @throws {BrinkError} `webhook-signature-invalid`
 */
export async function checkToken(request: Request, digests: readonly Uint8Array[]): Promise<void> {
  const bearer = /^Bearer +(.+)$/i.exec(request.headers.get('authorization') ?? '')?.[1];
  const token = bearer ?? new URL(request.url).searchParams.get('access_token');
  const digest = token === null ? null : await digestOf(token);
  if (digest !== null && digests.some((each) => isEqual(each, digest))) return;
  throw new BrinkError('webhook-signature-invalid', 'This webhook takes no events without its token, and this is none or another.');
}

export async function digestOf(token: string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', utf8.encode(token)));
}

/** @throws {CloudEventError} */
export function eventsOf({ headers }: Request, body: Uint8Array): readonly CloudEvent[] {
  return readCloudEventMessage(headers, body);
}

/** Takes as long wherever they differ; and they are digests. */
function isEqual(one: Uint8Array, other: Uint8Array): boolean {
  let difference = 0;
  for (let index = 0; index < one.length; index++) difference |= one[index]! ^ other[index]!;
  return difference === 0;
}
