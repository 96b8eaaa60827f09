import type { AdminClient, DatabaseAddress } from '../admin/client.ts';
import type { QueryResult } from '../admin/schemas/databases.ts';
import { statementsOf } from '../bindings/d1/statements.ts';
import type { DatabaseConfig } from '../build/databases.ts';
import { BrinkError } from '../errors.ts';

/** What there is of a database's migrations. */
export interface Migrations {
  /** In the order in which they are applied. */
  readonly names: readonly string[];
  /** When each was applied that has been. */
  readonly applied: ReadonlyMap<string, string>;
}

/** The database keeps account of them in a table of wrangler's shape. */
export async function migrationsOf(client: AdminClient, database: DatabaseConfig): Promise<Migrations> {
  const { migrationNames } = await import('../build/databases.ts');
  const names = migrationNames(database);
  const own = quoted(database.migrationsTable);
  const [, { rows }] = (await client.query(addressOf(database), [
    {
      sql: `CREATE TABLE IF NOT EXISTS ${own} (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE, applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL)`,
    },
    { sql: `SELECT name, applied_at FROM ${own} ORDER BY id` },
  ])) as [QueryResult, QueryResult];
  return { names, applied: new Map(rows as [string, string][]) };
}

/**
 * Applies those that have not been, each in a transaction of its own, and tells of each.
 *
 * @throws {BrinkError} of the first that fails, which is not applied, and neither are those after it
 */
export async function* applyMigrations(client: AdminClient, database: DatabaseConfig): AsyncGenerator<string> {
  const { names, applied } = await migrationsOf(client, database);
  const { readMigration } = await import('../build/databases.ts');
  for (const migration of names.filter((name) => !applied.has(name))) {
    const statements = statementsOf(await readMigration(database, migration));
    const note = { sql: `INSERT INTO ${quoted(database.migrationsTable)} (name) VALUES (?)`, params: [migration] };
    await client.query(addressOf(database), [...statements.map((sql) => ({ sql })), note]).catch((error: unknown) => {
      throw error instanceof BrinkError
        ? new BrinkError(error.code, `${migration}: ${error.message}`, { cause: error, details: { migration } })
        : error;
    });
    yield migration;
  }
}

export function addressOf({ function: name, binding, id }: DatabaseConfig): DatabaseAddress {
  return id === null ? { function: name, binding } : { id };
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
