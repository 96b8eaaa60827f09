import { readdirSync } from 'node:fs';
import { readFile, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, matchesGlob, posix, relative } from 'node:path';
import { BrinkError } from '../errors.ts';
import { invalidManifest } from '../registry/manifest-errors.ts';
import { parseManifest } from '../registry/parse-manifest.ts';
import { findConfigFile, readConfigFile } from './config-file.ts';
import { selectEnvironment, splitKeys } from './config-keys.ts';

/** A database, as a function's config describes it to those who look after it. */
export interface DatabaseConfig {
  readonly function: string;
  readonly binding: string;
  /** Null: it is the function's own. */
  readonly id: string | null;
  /** Name of the table that keeps account of its migrations. */
  readonly migrationsTable: string;
  /** Absolute path of the folder of its migrations. */
  readonly migrationsDir: string;
  /** Which files in there are migrations. */
  readonly migrationsPattern: string;
}

/** Of an item of `d1_databases`, what the manifest does not take over. */
interface RawDatabase {
  readonly database_name?: string;
  readonly migrations_dir?: string;
  readonly migrations_table?: string;
  readonly migrations_pattern?: string;
}

/**
 * Finds a database in the config of a folder, or in a config file, by its binding or its `database_name`, as wrangler does.
 *
 * @throws {BrinkError} `config-invalid` where there is none, or what `parseManifest` throws
 */
export async function findDatabase(path: string, name: string, env?: string): Promise<DatabaseConfig> {
  const found = await realpath(path).catch(() => null);
  const file = found !== null && (await stat(found)).isDirectory() ? await findConfigFile(found) : found;
  if (file === null)
    throw new BrinkError('config-invalid', `There is no config at ${path}. Run this in the function's folder, or name it with --config.`);
  const place = basename(file);
  const { manifest } = splitKeys(selectEnvironment(await readConfigFile(file), env, place), place);
  const { name: own, d1_databases: databases = [] } = parseManifest({ name: basename(dirname(file)), ...manifest }, place);
  const raw = (manifest['d1_databases'] ?? []) as readonly RawDatabase[];
  const index = databases.findIndex(({ binding }, at) => binding === name || raw[at]!.database_name === name);
  if (index < 0) {
    const names = databases.map(({ binding }) => binding).join(', ');
    throw new BrinkError(
      'config-invalid',
      `${place} has no database ${name}. ${names === '' ? 'It names none' : `It names ${names}`} in d1_databases.`,
      {
        details: { file: place },
      },
    );
  }
  const { binding, database_id: id = null } = databases[index]!;
  return { function: own, binding, id, ...migrationsOf(raw[index]!, { dir: dirname(file), place, key: `d1_databases[${index}]` }) };
}

interface Place {
  readonly dir: string;
  readonly place: string;
  readonly key: string;
}

function migrationsOf(
  { migrations_dir: given = 'migrations', migrations_table: table = 'd1_migrations', migrations_pattern }: RawDatabase,
  where: Place,
) {
  const folder = normal(given);
  const pattern = migrations_pattern === undefined ? '*.sql' : relative(folder, normal(migrations_pattern));
  if (pattern.startsWith('..'))
    throw invalidManifest(`${where.key}.migrations_pattern`, `does not begin with ${folder}/, which is migrations_dir`, where.place);
  return { migrationsTable: table, migrationsDir: join(where.dir, folder), migrationsPattern: pattern };
}

function normal(path: string): string {
  return posix.normalize(path.replaceAll('\\', '/')).replace(/\/$/, '');
}

/**
 * The names of a database's migrations, below their folder, in the order in which they are applied: by the number that
 * each begins with, then by name.
 *
 * @throws {BrinkError} `config-invalid` where the folder is not there
 */
export function migrationNames({ migrationsDir, migrationsPattern }: DatabaseConfig): string[] {
  let files: string[];
  try {
    files = readdirSync(migrationsDir, { recursive: true, encoding: 'utf8' });
  } catch (cause) {
    throw new BrinkError('config-invalid', `There is no folder ${migrationsDir}. Make it, or name another as migrations_dir.`, { cause });
  }
  return files
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => matchesGlob(file, migrationsPattern))
    .toSorted(byNumber);
}

export function readMigration({ migrationsDir }: DatabaseConfig, name: string): Promise<string> {
  return readFile(join(migrationsDir, name), 'utf8');
}

function byNumber(one: string, other: string): number {
  const [numberOfOne, numberOfOther] = [one, other]
    .map((name) => Number.parseInt(name, 10))
    .map((number) => (Number.isNaN(number) ? Infinity : number));
  if (numberOfOne !== numberOfOther) return numberOfOne! < numberOfOther! ? -1 : 1;
  return one < other ? -1 : Number(one > other);
}
