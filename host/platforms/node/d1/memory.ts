import type { Connection, WatchableDatabases } from '../../../bindings/d1/databases.ts';
import { execute } from '../../../bindings/d1/execute.ts';
import { beginFeed } from '../../../bindings/d1/feed/feed.ts';
import { outboxIn } from '../../../bindings/d1/feed/outbox.ts';
import { openConnection } from './connection.ts';

const MAX_SIZE = 64 * 1024 * 1024;

/** Databases in this process and its memory, each made when it is first used: for tests, which no query of theirs can hurt. */
export function memoryDatabases(now: () => number = Date.now): WatchableDatabases & { close(): void } {
  const open = new Map<string, Connection & { close(): void }>();
  return {
    open(scope) {
      const connection = () => {
        const made = open.get(scope) ?? openConnection(':memory:', { maxSize: MAX_SIZE });
        open.set(scope, made);
        return made;
      };
      return {
        query: async (request) => execute(connection(), request, { begin: (own) => beginFeed(own, { rules: [], now }), now }).answer,
        execute: async (request, rules) => execute(connection(), request, { begin: (own) => beginFeed(own, { rules, now }), now }),
        outbox: {
          queues: async () => outboxIn(connection()).queues(),
          first: async (queue, limit) => outboxIn(connection()).first(queue, limit),
          remove: async (posted, queue) =>
            outboxIn(connection()).remove(
              queue,
              posted.map(({ seq }) => seq),
            ),
        },
      };
    },
    close() {
      for (const connection of open.values()) connection.close();
      open.clear();
    },
  };
}
