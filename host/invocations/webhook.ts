/** What is signed: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md */
export interface Webhook {
  /** The same for each attempt, so that who gets it twice can tell. */
  readonly id: string;
  /** Seconds since the epoch. */
  readonly timestamp: number;
  readonly body: string;
}

const utf8 = new TextEncoder();

/**
 * The headers of Standard Webhooks. `secret` is `whsec_` and base64 of 24 to 64 bytes; where there are several with spaces
 * between, each signs, so that a new one can be brought in.
 *
 * @throws {TypeError} where it is none
 */
export async function webhookHeaders(secret: string, { id, timestamp, body }: Webhook): Promise<Record<string, string>> {
  const content = utf8.encode(`${id}.${timestamp}.${body}`);
  const signatures = await Promise.all(
    secret
      .trim()
      .split(/\s+/)
      .map((each) => signature(each, content)),
  );
  return { 'webhook-id': id, 'webhook-timestamp': String(timestamp), 'webhook-signature': signatures.join(' ') };
}

async function signature(secret: string, content: Uint8Array<ArrayBuffer>): Promise<string> {
  const key = await crypto.subtle.importKey('raw', keyOf(secret), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
  const bytes = new Uint8Array(await crypto.subtle.sign('HMAC', key, content));
  return `v1,${btoa(String.fromCharCode(...bytes))}`;
}

function keyOf(secret: string): Uint8Array<ArrayBuffer> {
  const base64 = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(secret)?.[1];
  const key = base64 === undefined || base64.length % 4 !== 0 ? null : Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
  if (key !== null && key.byteLength >= 24 && key.byteLength <= 64) return key;
  throw new TypeError('The secret is not whsec_ and base64 of 24 to 64 bytes.');
}
