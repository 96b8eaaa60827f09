import { createHmac } from 'node:crypto';

/** Deliveries signed as their senders' documents say, by another library than the host's. */
export interface Signed {
  readonly body: string;
  readonly headers: Record<string, string>;
}

export interface Signing {
  readonly secret: string;
  /** Seconds since the epoch. */
  readonly time?: number;
  readonly headers?: Record<string, string>;
}

const hmac = (secret: string | Buffer, text: string) => createHmac('sha256', secret).update(text);
const seconds = () => Math.floor(Date.now() / 1000);

export function signGithub(body: string, { secret, headers = {} }: Signing): Signed {
  const signature = `sha256=${hmac(secret, body).digest('hex')}`;
  return { body, headers: { 'content-type': 'application/json', 'x-github-event': 'push', 'x-hub-signature-256': signature, ...headers } };
}

export function signStripe(body: string, { secret, time = seconds(), headers = {} }: Signing): Signed {
  const signature = hmac(secret, `${time}.${body}`).digest('hex');
  return { body, headers: { 'content-type': 'application/json', 'stripe-signature': `t=${time},v1=${signature}`, ...headers } };
}

export function signSlack(body: string, { secret, time = seconds(), headers = {} }: Signing): Signed {
  const signature = `v0=${hmac(secret, `v0:${time}:${body}`).digest('hex')}`;
  const own = { 'x-slack-request-timestamp': String(time), 'x-slack-signature': signature };
  return { body, headers: { 'content-type': 'application/json', ...own, ...headers } };
}

export function signStandard(body: string, { secret, time = seconds(), headers = {} }: Signing): Signed {
  const id = headers['webhook-id'] ?? 'msg_1';
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const signature = `v1,${hmac(key, `${id}.${time}.${body}`).digest('base64')}`;
  const own = { 'webhook-id': id, 'webhook-timestamp': String(time), 'webhook-signature': signature };
  return { body, headers: { 'content-type': 'application/json', ...own, ...headers } };
}
