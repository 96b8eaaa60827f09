import type { Posted } from '../../../stores/outbox.ts';
import type { Connection } from '../databases.ts';
import { hasFeed } from '../reserved.ts';
import { OUTBOX } from './triggers.ts';

/** What a database has to tell: `Outbox`, on the side where it is open. */
export interface DatabaseOutbox {
  queues(): string[];
  first(queue: string, limit: number): Posted[];
  remove(queue: string, seqs: readonly number[]): void;
}

export function outboxIn(connection: Connection): DatabaseOutbox {
  const { own } = connection;
  const there = () => hasFeed(connection);
  return {
    queues: () => (there() ? own(`SELECT DISTINCT queue FROM ${OUTBOX}`).map(({ queue }) => queue as string) : []),
    first: (queue, limit) =>
      !there()
        ? []
        : own(`SELECT seq, sent, key, body FROM ${OUTBOX} WHERE queue = ? ORDER BY seq LIMIT ?`, [queue, limit]).map(
            ({ seq, sent, key, body }): Posted => ({
              seq: Number(seq),
              message: {
                // The relay gives it one.
                id: '',
                sent: Number(sent),
                type: 'json',
                key: key as string,
                body: new Uint8Array(body as Uint8Array),
              },
            }),
          ),
    remove(queue, seqs) {
      connection.transaction(() => {
        for (const seq of seqs) own(`DELETE FROM ${OUTBOX} WHERE queue = ? AND seq = ?`, [queue, seq]);
      });
    },
  };
}
