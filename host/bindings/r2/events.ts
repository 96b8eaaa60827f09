import { nameOfScope } from '../../scopes.ts';
import type { BucketEventType, BucketRule } from '../../registry/bucket-rules.ts';
import { QuotaExceeded } from '../../stores/quota.ts';
import { BindingError } from '../binding-error.ts';
import type { Objects } from '../../stores/objects.ts';
import type { Note, ObjectChange } from '../../stores/outbox.ts';
import type { NewMessage } from '../../stores/queue.ts';

/** What a host has for events of buckets. */
export interface BucketEventsState {
  /** Those in force that are about a bucket. */
  rules(scope: string): readonly BucketRule[] | Promise<readonly BucketRule[]>;
  /** Puts messages into a queue: of objects whose store has no outbox. */
  send(queue: string, messages: readonly NewMessage[]): Promise<unknown>;
  /** There is something in the outbox. */
  posted(): void;
}

/** https://developers.cloudflare.com/r2/buckets/event-notifications/#message-format; nothing here deletes by a lifecycle. */
export type BucketAction = 'PutObject' | 'CopyObject' | 'CompleteMultipartUpload' | 'DeleteObject';

/** The body of a message. */
export interface BucketEvent {
  readonly account: string;
  readonly action: BucketAction;
  readonly bucket: string;
  /** Without size and etag where it was deleted. */
  readonly object: { readonly key: string; readonly size?: number; readonly eTag?: string };
  readonly eventTime: string;
}

export interface Telling {
  /** Undefined where nobody is to be told, or it is told afterwards. */
  readonly note?: Note;
  /** After the write, before it is acknowledged. Rejects where the write is done and nobody could be told. */
  done(changes: () => readonly ObjectChange[]): Promise<void> | void;
}

export interface BucketEventsOptions {
  readonly scope: string;
  readonly objects: Objects;
  readonly state: BucketEventsState | undefined;
  readonly now: () => number;
}

const SILENT: Telling = { done: () => undefined };
/** There is one host, and no accounts. */
const ACCOUNT = 'brink';
const TYPES: Readonly<Record<BucketAction, BucketEventType>> = {
  PutObject: 'object-create',
  CopyObject: 'object-create',
  CompleteMultipartUpload: 'object-create',
  DeleteObject: 'object-delete',
};
const utf8 = new TextEncoder();

/** Gives what a write of this kind has to tell. */
export function bucketEvents({ scope, objects, state, now }: BucketEventsOptions): (action: BucketAction) => Promise<Telling> {
  const start = scope.length + 1;
  return async (action) => {
    const rules = state === undefined ? [] : (await state.rules(scope)).filter(({ types }) => types.includes(TYPES[action]));
    if (rules.length === 0) return SILENT;
    const note: Note = ({ key: whole, object }) => {
      const key = whole.slice(start);
      const queues = new Set(
        rules.filter(({ prefix, suffix }) => key.startsWith(prefix) && key.endsWith(suffix)).map(({ queue }) => queue),
      );
      if (queues.size === 0) return [];
      const sent = now();
      const event: BucketEvent = {
        account: ACCOUNT,
        action,
        bucket: nameOfScope(scope),
        object: { key, ...(object !== null && { size: object.size, eTag: object.etag }) },
        eventTime: new Date(sent).toISOString(),
      };
      const body = utf8.encode(JSON.stringify(event));
      return Array.from(queues, (queue) => ({ queue, message: { id: crypto.randomUUID().replaceAll('-', ''), body, type: 'json', sent } }));
    };
    if (objects.outbox !== null) return { note, done: () => state!.posted() };
    return {
      async done(changes) {
        const notices = Map.groupBy(changes().flatMap(note), ({ queue }) => queue);
        await Promise.all(
          Array.from(notices, ([queue, own]) =>
            state!
              .send(
                queue,
                own.map(({ message }) => message),
              )
              .catch((cause: unknown) => {
                throw unsent(queue, cause);
              }),
          ),
        );
      },
    };
  };
}

function unsent(queue: string, cause: unknown): BindingError {
  const why = cause instanceof QuotaExceeded ? `it may have at most ${cause.limit} ${cause.what}` : 'it cannot be reached now';
  return new BindingError(`The bucket has been written to, but its queue ${queue} took no event: ${why}. Do it again when it can.`, {
    code: cause instanceof QuotaExceeded ? 'quota-exceeded' : 'unavailable',
  });
}
