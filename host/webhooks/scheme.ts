import { BrinkError } from '../errors.ts';
import type { Hook } from './hook.ts';

/** A request that was posted to a webhook, as its scheme sees it. */
export interface Delivery {
  readonly headers: Headers;
  readonly body: Uint8Array<ArrayBuffer>;
}

export interface Signature {
  /** What it is called beside others: `v1` */
  readonly version: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** What a delivery says of its signature. */
export interface Claim {
  /** What was signed, one behind the other. */
  readonly signed: readonly (string | Uint8Array)[];
  readonly signatures: readonly Signature[];
  /** Seconds since the epoch when it was; null where the scheme has no time. */
  readonly timestamp: number | null;
}

export interface SigningKey {
  /** The signatures that it can check. */
  readonly version: string;
  readonly key: CryptoKey;
}

/** What a delivery becomes: the event's attributes and its data. */
export interface Received {
  /** By it the sender names what it sends again; null where it has none, and the signature stands for it. */
  readonly id: string | null;
  readonly attributes: Readonly<Record<string, string | undefined>>;
  readonly datacontenttype: string | undefined;
  readonly data: unknown;
}

/** How one kind of sender signs, and what it sends. */
export interface Scheme {
  /** @throws {BrinkError} `webhook-signature-invalid` where there is no signature that could be looked at */
  claim(delivery: Delivery): Claim;
  /** @throws {Error} where the secret cannot be one of the scheme */
  key(secret: string): Promise<SigningKey>;
  /** Of a delivery whose signature fits. A Response answers it by itself. @throws {BrinkError} `webhook-invalid` */
  receive(delivery: Delivery, hook: Hook): Received | Response;
  /** What says that it is stored. */
  accepted(count: { readonly accepted: number; readonly duplicates: number }): Response;
}

const text = new TextDecoder('utf-8', { fatal: true });
const utf8 = new TextEncoder();
/** The names of types that senders give. */
const TYPE = /^[A-Za-z0-9_][A-Za-z0-9_.:/-]{0,199}$/;

export function header({ headers }: Delivery, name: string): string {
  const value = headers.get(name);
  if (value === null) throw unsigned(`It has no ${name}.`);
  return value;
}

export function unsigned(why: string): BrinkError {
  return new BrinkError('webhook-signature-invalid', `This is no delivery that was signed for this webhook. ${why}`);
}

export function invalid(why: string): BrinkError {
  return new BrinkError('webhook-invalid', `What was delivered cannot be read: ${why}.`);
}

/** Whole seconds. @throws {BrinkError} */
export function seconds(value: string, name: string): number {
  if (!/^\d{1,12}$/.test(value)) throw unsigned(`Its ${name} is no time.`);
  return Number(value);
}

export function hexSignature(version: string, hex: string): Signature[] {
  if (!/^(?:[0-9a-f]{2}){1,64}$/i.test(hex)) return [];
  return [{ version, bytes: Uint8Array.from(hex.match(/../g)!, (pair) => Number.parseInt(pair, 16)) }];
}

/** HMAC with SHA-256 of the bytes of a secret. */
export async function hmacKey(secret: string | Uint8Array<ArrayBuffer>, version: string): Promise<SigningKey> {
  const bytes = typeof secret === 'string' ? utf8.encode(secret) : secret;
  if (bytes.byteLength === 0) throw new Error('it is empty');
  return { version, key: await crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['verify']) };
}

/** @throws {BrinkError} `webhook-invalid` */
export function jsonOf(bytes: Uint8Array | string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(typeof bytes === 'string' ? bytes : text.decode(bytes));
  } catch {
    throw invalid('its body is no JSON');
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value)) throw invalid('its body is no object of JSON');
  return value as Record<string, unknown>;
}

/** The fields of a form; null where it is none. */
export function formOf({ headers, body }: Delivery): URLSearchParams | null {
  if (!/^\s*application\/x-www-form-urlencoded\s*(;|$)/i.test(headers.get('content-type') ?? '')) return null;
  return new URLSearchParams(new TextDecoder().decode(body));
}

/** A value as a part of an event's type; undefined where it cannot be one. */
export function typePart(value: unknown): string | undefined {
  return typeof value === 'string' && TYPE.test(value) ? value : undefined;
}

export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Seconds since the epoch as an event has them. */
export function timeOf(value: unknown): string | undefined {
  return Number.isSafeInteger(value) && Math.abs(value as number) < 8.64e12 ? new Date((value as number) * 1000).toISOString() : undefined;
}

/** The answer of most: who sends it does not read it. */
export function counted(count: { readonly accepted: number; readonly duplicates: number }): Response {
  return Response.json(count, { status: 202, headers: { 'cache-control': 'no-store' } });
}
