import { headers, type MsgHdrs } from '@nats-io/nats-core';

/** What of an entry stands in the headers of its message, so that who lists need not read values. */
export interface Head {
  /** The entry is gone: its message says so to who watches. */
  readonly deleted?: boolean;
  /** Milliseconds since the epoch. */
  readonly expires?: number | undefined;
  readonly metadata?: string | undefined;
  /** Where the value lies, if it is too large for the message. */
  readonly parts?: Parts | undefined;
}

export interface Parts {
  readonly id: string;
  readonly count: number;
  readonly size: number;
}

/** As NATS's own KV clients write it. */
const OPERATION = 'KV-Operation';
const EXPIRES = 'Brink-Expires';
const METADATA = 'Brink-Metadata';
const PARTS = 'Brink-Parts';

/** Undefined where there is nothing to say. */
export function headersOf({ deleted = false, expires, metadata, parts }: Head): MsgHdrs | undefined {
  if (!deleted && expires === undefined && metadata === undefined && parts === undefined) return undefined;
  const all = headers();
  if (deleted) all.set(OPERATION, 'DEL');
  if (expires !== undefined) all.set(EXPIRES, String(expires));
  // As JSON, since a header has no line breaks and loses spaces at its ends.
  if (metadata !== undefined) all.set(METADATA, JSON.stringify(metadata));
  if (parts !== undefined) all.set(PARTS, `${parts.id} ${parts.count} ${parts.size}`);
  return all;
}

export function headOf(all: MsgHdrs | undefined): Head {
  if (all === undefined) return {};
  const [operation, expires, metadata, parts] = [OPERATION, EXPIRES, METADATA, PARTS].map((name) => all.get(name));
  const [id, count, size] = parts!.split(' ');
  return {
    deleted: operation === 'DEL' || operation === 'PURGE',
    ...(expires !== '' && { expires: Number(expires) }),
    ...(metadata !== '' && { metadata: JSON.parse(metadata!) as string }),
    ...(id !== '' && { parts: { id: id!, count: Number(count), size: Number(size) } }),
  };
}

/** Whether there is an entry, for who looks now. */
export function isLive({ deleted, expires }: Head, now: number): boolean {
  return deleted !== true && (expires === undefined || expires > now);
}
