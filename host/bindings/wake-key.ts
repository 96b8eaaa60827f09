import type { BindingScope } from './binding.ts';

/** Of the keys that name the scopes which have, or had, work of their own: a host that starts asks them. */
export const WAKE_PREFIX = 'wake/';

export function wakeKey({ kind, scope }: BindingScope): string {
  return `${WAKE_PREFIX}${kind}/${scope}`;
}

export function scopeOfKey(key: string): BindingScope {
  const slash = key.indexOf('/', WAKE_PREFIX.length);
  return { kind: key.slice(WAKE_PREFIX.length, slash), scope: key.slice(slash + 1) };
}
