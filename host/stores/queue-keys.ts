import type { NewMessage } from './queue.ts';

/** What makes two sends one: the same key within its time is the same message. */
export interface SendKey {
  readonly name: string;
  /** What is the same of messages that are the same. */
  readonly fingerprint: string;
  /** Milliseconds for which it is known, at least. */
  readonly ms: number;
}

/** How long, in ms, what is sent again after a crash is known. */
const ONCE_MS = 300_000;

/** What was put down before it is sent: what a crash leaves there is sent again, and is the same message by its id. */
export function sentOnce(message: NewMessage): NewMessage {
  return { ...message, key: { name: `event ${message.id}`, fingerprint: message.id, ms: ONCE_MS } };
}

/** A message whose key came with another one before: nothing was sent. */
export class KeyReused extends Error {
  readonly key: string;

  constructor(key: string) {
    super('This key came with another message.');
    this.name = 'KeyReused';
    this.key = key;
  }
}

/**
 * Those of the messages that have not been sent: by what is known of their keys, and by those that come with them.
 *
 * @param known the fingerprint of a key that is in force
 * @throws {KeyReused}
 */
export function unsentOf(messages: readonly NewMessage[], known: (key: string) => string | undefined): readonly NewMessage[] {
  if (!messages.some(({ key }) => key !== undefined)) return messages;
  const here = new Map<string, string>();
  return messages.filter(({ key }) => {
    if (key === undefined) return true;
    const before = here.get(key.name) ?? known(key.name);
    if (before !== undefined && before !== key.fingerprint) throw new KeyReused(key.name);
    here.set(key.name, key.fingerprint);
    return before === undefined;
  });
}
