import type { Connection, Databases } from '../../../bindings/d1/databases.ts';
import { execute } from '../../../bindings/d1/execute.ts';
import { openConnection } from './connection.ts';

const MAX_SIZE = 64 * 1024 * 1024;

/** Databases in this process and its memory, each made when it is first used: for tests, which no query of theirs can hurt. */
export function memoryDatabases(now: () => number = Date.now): Databases & { close(): void } {
  const open = new Map<string, Connection & { close(): void }>();
  return {
    open: (scope) => ({
      async query(request) {
        const connection = open.get(scope) ?? openConnection(':memory:', { maxSize: MAX_SIZE });
        open.set(scope, connection);
        return execute(connection, request, now);
      },
    }),
    close() {
      for (const connection of open.values()) connection.close();
      open.clear();
    },
  };
}
