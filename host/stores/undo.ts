import type { Sql } from './sql.ts';

/** A database, and what takes back in memory what a transaction of it has not kept. */
export interface Undoable {
  readonly sql: Sql;
  /** Called inside of a transaction. Where that fails, the last of them is run first. */
  onUndo(undo: () => void): void;
}

export function undoable(sql: Sql): Undoable {
  let undos: (() => void)[] = [];
  return {
    onUndo: (undo) => void undos.push(undo),
    sql: {
      all: (query, ...params) => sql.all(query, ...params),
      run: (query, ...params) => sql.run(query, ...params),
      transaction(body) {
        undos = [];
        try {
          return sql.transaction(body);
        } catch (error) {
          for (const undo of undos.toReversed()) undo();
          throw error;
        }
      },
    },
  };
}
