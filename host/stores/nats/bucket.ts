import { JetStreamApiCodes, JetStreamApiError } from '@nats-io/jetstream';
import { headersOf, headOf, type Head } from './head.ts';
import type { Link } from './link.ts';
import { scan } from './scan.ts';

/** The last message of a subject. */
export interface Message {
  readonly revision: number;
  readonly head: Head;
  readonly value: Uint8Array<ArrayBuffer>;
}

export interface Heading {
  readonly head: Head;
  readonly revision: number;
  /** When it was written, by the server's clock; milliseconds since the epoch. */
  readonly time: number;
  /** Bytes of the value, without the head. */
  readonly size: number;
}

export interface PutHow {
  readonly head: Head;
  readonly expected?: number | undefined;
  /** After how many ms nobody needs it any more: servers that can take it away by themselves then. */
  readonly keep?: number | undefined;
}

/** A bucket of NATS's KV that keeps one message for each subject. */
export interface Bucket {
  get(subject: string): Promise<Message | null>;
  /** Null, with nothing written, where `expected` is given and is not the revision of the subject's message; 0: it has none. */
  put(subject: string, value: Uint8Array, how: PutHow): Promise<number | null>;
  /** Takes away the message of this revision, if it is still there; those who watch are not told. */
  remove(revision: number): Promise<void>;
  /** The same with whatever lies below `subject`. */
  purge(subject: string): Promise<void>;
  /** The heads of all messages whose subjects match. */
  scan(filter: string): Promise<Map<string, Heading>>;
  /** What it takes as a whole. */
  total(): Promise<{ readonly messages: number; readonly bytes: number }>;
}

export interface BucketOptions {
  readonly name: string;
  /** Whether any server that has the bucket may answer reads: right only where it lies on one. */
  readonly direct: boolean;
  /** Whether messages can have a time to live. */
  readonly ttl: boolean;
}

export function openBucket(link: Link, { name, direct, ttl }: BucketOptions): Bucket {
  const { js, jsm } = link;
  const stream = streamOf(name);
  const root = `$KV.${name}.`;
  return {
    get(subject) {
      return link.call(async () => {
        const query = { last_by_subj: root + subject };
        const found = direct ? await jsm.direct.getMessage(stream, query) : await jsm.streams.getMessage(stream, query);
        if (found === null) return null;
        // A copy: what came shares its memory with other messages.
        return { revision: found.seq, head: headOf(found.header), value: new Uint8Array(found.data) };
      });
    },
    put(subject, value, { head, expected, keep }) {
      const headers = headersOf(head);
      return link.call<number | null>(
        async () => {
          const ack = await js.publish(root + subject, value, {
            ...(headers && { headers }),
            ...(expected !== undefined && { expect: { lastSubjectSequence: expected } }),
            ...(ttl && keep !== undefined && { ttl: `${Math.ceil(keep / 1000)}s` }),
          });
          return ack.seq;
        },
        (error) => (isConflict(error) ? null : undefined),
      );
    },
    async remove(revision) {
      await link.call(
        () => jsm.streams.deleteMessage(stream, revision, false),
        (error) => (error instanceof JetStreamApiError ? false : undefined),
      );
    },
    async purge(subject) {
      await link.call(() => jsm.streams.purge(stream, { filter: `${root}${subject}.>` }));
    },
    async scan(filter) {
      const found = await scan(link, { stream, filter: root + filter });
      return new Map(found.map(({ subject, ...heading }) => [subject.slice(root.length), heading]));
    },
    async total() {
      const { state } = await link.call(() => jsm.streams.info(stream));
      return { messages: state.messages, bytes: state.bytes };
    },
  };
}

/** What NATS calls the stream of a KV bucket. */
export function streamOf(bucket: string): string {
  return `KV_${bucket}`;
}

function isConflict(error: unknown): boolean {
  if (!(error instanceof JetStreamApiError)) return false;
  return error.code === JetStreamApiCodes.StreamWrongLastSequence || error.code === JetStreamApiCodes.StreamWrongLastSequenceUnknown;
}
