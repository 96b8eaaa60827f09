import { sameBytes } from '../gateway/auth/same.ts';
import { sha256 } from '../bytes.ts';
import type { CloudEvent } from '../../sdk/cloud-event.ts';
import { readCloudEventMessage } from '../../sdk/cloud-event-http.ts';
import { BrinkError } from '../errors.ts';
import type { Hook } from './hook.ts';

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
  const digest = token === null ? null : await sha256(token);
  if (digest !== null && digests.some((each) => sameBytes(each, digest))) return;
  throw new BrinkError('webhook-signature-invalid', 'This webhook takes no events without its token, and this is none or another.');
}

/** @throws {CloudEventError} */
export function eventsOf({ headers }: Request, body: Uint8Array): readonly CloudEvent[] {
  return readCloudEventMessage(headers, body);
}
