import type { Connection, Databases } from '../../host/bindings/d1/databases.ts';
import { execute } from '../../host/bindings/d1/execute.ts';
import { openConnection } from '../../host/platforms/node/d1/connection.ts';

/** Databases in this process and its memory, each made when it is first used. */
export function memoryDatabases(now: () => number = Date.now): Databases {
  const open = new Map<string, Connection>();
  return {
    open: (scope) => ({
      async query(request) {
        const connection = open.get(scope) ?? openConnection(':memory:', { maxSize: 64 * 1024 * 1024 });
        open.set(scope, connection);
        return execute(connection, request, now);
      },
    }),
  };
}
