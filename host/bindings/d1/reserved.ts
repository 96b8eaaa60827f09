import { BindingError } from '../binding-error.ts';
import type { Connection } from './databases.ts';

/** What the host keeps in a watched database. No statement of a function may name any of it. */
export const RESERVED = '__brink_';
/** One row: the last number of a change, what the triggers are for, and how many rows they have written themselves. */
export const FEED = `${RESERVED}feed`;

const NAMED = new RegExp(RESERVED, 'i');

/** @throws {BindingError} where SQL names what is the host's */
export function checkReserved(sql: string): void {
  if (NAMED.test(sql))
    throw new BindingError(
      `Names with ${RESERVED} in them are the host's, for changes that are told to queues: SQLITE_AUTH. Give it as a parameter where it is a value.`,
    );
}

/** Whether the host keeps something in this database. */
export function hasFeed({ own }: Connection): boolean {
  return own(`SELECT 1 FROM sqlite_schema WHERE name = '${FEED}'`).length > 0;
}
