import type { KVChange } from '../../../sdk/changes.ts';
import { nameOfScope } from '../../scopes.ts';
import type { KeyEventType, KeyRule } from '../../registry/change-rules.ts';
import type { EntryChange } from '../../stores/changes.ts';
import type { Note, Notice } from '../../stores/outbox.ts';
import { changeMessage, type ChangesState } from '../changes.ts';
import { besideOf } from './entry.ts';

/** What a write has to tell. */
export interface KeyTelling {
  readonly note: Note<EntryChange>;
  /** Whether the key's expiry is told. */
  readonly expiry: boolean;
}

export interface KeyChangesOptions {
  readonly scope: string;
  /** Of its keys in the store. */
  readonly prefix: string;
  readonly changes: Pick<ChangesState, 'rules'>;
  readonly now: () => number;
}

/** Bytes of a value in a message, which has at most 128 KB. */
const MAX_TOLD = 64 * 1024;
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Gives what a write of a key has to tell: null where nobody is to be told, and without a promise where that is known. */
export function keyChanges(options: KeyChangesOptions) {
  const { scope, changes } = options;
  const binding = { kind: 'kv', scope };
  return (key: string, operation: KeyEventType): KeyTelling | null | Promise<KeyTelling | null> => {
    const rules = changes.rules(binding);
    if ('then' in rules) return rules.then((known) => tellingOf(options, known as readonly KeyRule[], { key, operation }));
    return rules.length === 0 ? null : tellingOf(options, rules as readonly KeyRule[], { key, operation });
  };
}

/** What expired keys have to tell; undefined where nobody is to be told of any. */
export async function expiryNote(options: KeyChangesOptions): Promise<Note<EntryChange> | undefined> {
  const rules = (await options.changes.rules({ kind: 'kv', scope: options.scope })) as readonly KeyRule[];
  return rules.length === 0 ? undefined : noteOf(options, rules, 'expire');
}

function tellingOf(
  options: KeyChangesOptions,
  rules: readonly KeyRule[],
  { key, operation }: { key: string; operation: KeyEventType },
): KeyTelling | null {
  const own = rules.filter(({ prefix }) => key.startsWith(prefix));
  if (own.length === 0) return null;
  return { note: noteOf(options, own, operation), expiry: own.some(({ types }) => types.includes('expire')) };
}

function noteOf({ scope, prefix: place, now }: KeyChangesOptions, rules: readonly KeyRule[], operation: KeyEventType): Note<EntryChange> {
  return (change) => {
    const type = typeOf(change, operation);
    if (type === null) return [];
    const key = change.key.slice(place.length);
    const told = new Map<string, boolean>();
    for (const { queue, types, prefix, values } of rules)
      if (types.includes(type) && key.startsWith(prefix)) told.set(queue, values || told.get(queue) === true);
    const sent = now();
    const about = factsOf(change, type, { namespace: nameOfScope(scope), key, time: new Date(sent).toISOString() });
    return Array.from(told, ([queue, values]): Notice => {
      const body = values && change.value !== null && type !== 'delete' ? { ...about, value: valueOf(change.value) } : about;
      return { queue, message: changeMessage(body, { key: `kv/${scope}/${key}`, sent }) };
    });
  };
}

/** Null where readers see no change: a fence that is remembered is no value. */
function typeOf({ cause, metadata, before }: EntryChange, operation: KeyEventType): KeyEventType | null {
  const was = before !== null && besideOf(before.metadata).gone !== true;
  if (cause === 'put' && besideOf(metadata).gone !== true) return operation;
  if (!was) return null;
  return cause === 'expire' ? 'expire' : 'delete';
}

function factsOf(
  { revision, value, metadata: beside }: EntryChange,
  operation: KeyEventType,
  { namespace, key, time }: Pick<KVChange, 'namespace' | 'key' | 'time'>,
): KVChange {
  const { metadata, expiration, fence } = besideOf(beside);
  const put = operation === 'put' || operation === 'increment';
  return {
    namespace,
    key,
    operation,
    revision,
    time,
    ...(put && { size: value!.byteLength }),
    ...(put && metadata !== undefined && { metadata }),
    ...(put && expiration !== undefined && { expiration }),
    ...(fence !== undefined && { fence }),
  };
}

function valueOf(value: Uint8Array): Exclude<KVChange['value'], undefined> {
  if (value.byteLength > MAX_TOLD) return null;
  try {
    const text = utf8.decode(value);
    // Escaped, it may be six times as long.
    if (JSON.stringify(text).length <= 2 * MAX_TOLD - 16_384) return text;
  } catch {
    // It is no text.
  }
  return { base64: base64Of(value) };
}

function base64Of(bytes: Uint8Array): string {
  let binary = '';
  for (let at = 0; at < bytes.length; at += 8_192) binary += String.fromCharCode(...bytes.subarray(at, at + 8_192));
  return btoa(binary);
}
