import type { Sql } from './sql.ts';
import { groupOf, type Usage } from './quota.ts';

export interface SqlUsageOptions {
  /** The name of what is counted. */
  readonly table: string;
  /** Those that are counted together. */
  readonly group?: (key: string) => string;
}

/**
 * Counts the entries of each group, in a table that is written with them: once for each transaction, whatever that changes.
 */
export class SqlUsage {
  readonly #sql: Sql;
  readonly #table: string;
  readonly #group: (key: string) => string;
  readonly #known = new Map<string, Usage>();
  readonly #changed = new Set<string>();

  constructor(sql: Sql, { table, group = groupOf }: SqlUsageOptions) {
    this.#sql = sql;
    this.#group = group;
    this.#table = `${table}_usage`;
    sql.run(
      `CREATE TABLE IF NOT EXISTS ${this.#table} (name TEXT PRIMARY KEY, keys INTEGER NOT NULL, bytes INTEGER NOT NULL) WITHOUT ROWID`,
    );
  }

  of(group: string): Usage {
    const known = this.#known.get(group);
    if (known !== undefined) return known;
    const row = this.#sql.all(`SELECT keys, bytes FROM ${this.#table} WHERE name = ?`, group)[0];
    const usage = { keys: Number(row?.['keys'] ?? 0), bytes: Number(row?.['bytes'] ?? 0) };
    this.#known.set(group, usage);
    return usage;
  }

  add(key: string, { keys, bytes }: Usage): void {
    const group = this.#group(key);
    const usage = this.of(group);
    usage.keys += keys;
    usage.bytes += bytes;
    this.#changed.add(group);
  }

  /** Before the end of a transaction. The next one reads anew: another store may have written meanwhile. */
  write(): void {
    for (const group of this.#changed) {
      const { keys, bytes } = this.of(group);
      this.#sql.run(`INSERT OR REPLACE INTO ${this.#table} VALUES (?, ?, ?)`, group, keys, bytes);
    }
    this.forget();
  }

  /** After one that came to nothing. */
  forget(): void {
    this.#known.clear();
    this.#changed.clear();
  }
}
