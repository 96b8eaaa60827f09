import type { KeyRequest, KeyResult, NewKeyResult } from '../keys.ts';
import type { RotatedResult, SecretRemovedResult, SecretResult } from '../schemas/secrets.ts';
import { segment, withBody, type Call } from './request.ts';

interface SecretList {
  readonly secrets: SecretResult[];
}

/** The part of the client for secrets, and for keys of a function's own clients. */
export function secretsClient(call: Call) {
  return {
    keys: async (name: string) => (await call<{ keys: KeyResult[] }>('GET', `/functions/${segment(name)}/keys`)).keys,
    /** What it gives shows the key, this once. */
    createKey: (name: string, key: KeyRequest) => call<NewKeyResult>('POST', `/functions/${segment(name)}/keys`, withBody(key)),
    /** @throws {BrinkError} `key-not-found` */
    removeKey: (name: string, id: string) => call<object>('DELETE', `/functions/${segment(name)}/keys/${segment(id)}`),
    secrets: async (name: string) => (await call<SecretList>('GET', `/functions/${segment(name)}/secrets`)).secrets,
    putSecret: (name: string, secret: string, value: string) =>
      call<SecretResult>('PUT', `/functions/${segment(name)}/secrets/${segment(secret)}`, withBody({ value })),
    /** All of them or none; null takes one away. */
    changeSecrets: async (name: string, secrets: Readonly<Record<string, string | null>>) =>
      (await call<SecretList>('PATCH', `/functions/${segment(name)}/secrets`, withBody({ secrets }))).secrets,
    removeSecret: (name: string, secret: string) =>
      call<SecretRemovedResult>('DELETE', `/functions/${segment(name)}/secrets/${segment(secret)}`),
    rotateSecrets: () => call<RotatedResult>('POST', '/secrets/rotate'),
  };
}
