import type { Sql } from './sql.ts';

/** What is counted of a transaction, written once at its end. */
export interface Counts {
  write(): void;
  /** It was undone. */
  forget(): void;
}

/**
 * Writes that come together go into one transaction, since it is the sync at its end that takes the time. Each is
 * acknowledged when all of them lie on the disk.
 */
export function createWriter(sql: Sql, counts?: Counts): <Result>(work: () => Result) => Promise<Result> {
  let waiting: { readonly work: () => unknown; resolve(result: never): void; reject(error: unknown): void }[] = [];

  function transaction<Result>(work: () => Result): Result {
    try {
      return sql.transaction(() => {
        const result = work();
        counts?.write();
        return result;
      });
    } catch (error) {
      counts?.forget();
      throw error;
    }
  }

  function flush(): void {
    const batch = waiting;
    waiting = [];
    try {
      const results = transaction(() => batch.map(({ work }) => work()));
      for (const [index, { resolve }] of batch.entries()) resolve(results[index] as never);
    } catch (error) {
      if (batch.length === 1) return batch[0]!.reject(error);
      // One fails for all: each has to answer for itself.
      for (const { work, resolve, reject } of batch) settle(() => transaction(work)).then(resolve as () => void, reject);
    }
    return undefined;
  }

  return (work) =>
    new Promise((resolve, reject) => {
      if (waiting.push({ work, resolve, reject }) === 1) queueMicrotask(flush);
    });
}

/** The contract is asynchronous, SQLite is not: what it throws becomes a rejection. */
export async function settle<Result>(work: () => Result): Promise<Result> {
  return work();
}
