import type { Head } from './head.ts';

interface Seen {
  readonly revision: number;
  readonly head: Head;
}

/** Entries of which this much is remembered. */
const MOST = 10_000;

/**
 * What this host has seen of entries, to save a look at them: when a revision expires, and which parts a key had. A revision
 * is never used again, so what is remembered of one stays true.
 */
export class Known {
  readonly #expiries = new Map<number, number>();
  readonly #parts = new Map<string, { revision: number; id: string }>();
  readonly #marks = new Map<string, number>();

  /** Infinity where it does not expire; undefined where that is not known. */
  expiryOf(revision: number): number | undefined {
    return this.#expiries.get(revision);
  }

  /** Revision of the mark that this host has left there, as the last; 0 where it has not. It may have gone since. */
  markOf(subject: string): number {
    return this.#marks.get(subject) ?? 0;
  }

  marked(subject: string, revision: number): void {
    keep(this.#marks, subject, revision);
  }

  saw(subject: string, { revision, head }: Seen): void {
    this.#marks.delete(subject);
    keep(this.#expiries, revision, head.expires ?? Infinity);
    if (head.parts !== undefined && revision > (this.#parts.get(subject)?.revision ?? 0)) {
      keep(this.#parts, subject, { revision, id: head.parts.id });
    }
  }

  /** Gives the parts that nothing names any more. */
  wrote(subject: string, seen: Seen): string[] {
    const before = this.#parts.get(subject);
    const obsolete = before !== undefined && before.revision < seen.revision ? [before.id] : [];
    if (obsolete.length > 0) this.#parts.delete(subject);
    this.saw(subject, seen);
    return obsolete;
  }
}

function keep<Key, Value>(map: Map<Key, Value>, key: Key, value: Value): void {
  map.set(key, value);
  if (map.size > MOST) map.delete(map.keys().next().value!);
}
