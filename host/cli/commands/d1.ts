import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import type { QueryResult } from '../../admin/schemas/databases.ts';
import { statementsOf } from '../../bindings/d1/statements.ts';
import type { DatabaseConfig } from '../../build/databases.ts';
import { connect, withHostFlags, type HostFlags } from '../connection.ts';
import { CliError, usage } from '../failure.ts';
import { addressOf, applyMigrations, migrationsOf } from '../migrations.ts';
import { createOutput } from '../output.ts';
import { table } from '../table.ts';

interface Flags extends HostFlags {
  readonly config?: string;
  readonly environment?: string;
}

interface ExecuteFlags extends Flags {
  readonly command?: string;
  readonly file?: string;
}

export function addD1(program: Command): void {
  const d1 = program
    .command('d1')
    .summary('run SQL and migrations on SQL databases')
    .description(
      "Look after the SQL databases of functions. A database is named by its binding or its database_name in the config of the function's folder.",
    )
    .addHelpText(
      'after',
      '\nA function need not be published for its database to be used.\n\nExamples:\n  brink d1 execute DB --command "SELECT * FROM user"\n  brink d1 execute DB --file schema.sql\n  brink d1 migrations apply DB',
    );
  withFlags(d1.command('execute <name>').description('Run SQL: all statements in one transaction.'))
    .option('--command <sql>', 'the statements')
    .option('--file <path>', 'a file of statements')
    .addHelpText('after', '\nWith --json: one line for each statement.')
    .action(execute);
  const migrations = d1
    .command('migrations')
    .summary('bring a database up to date')
    .description('Files of SQL, each of which is applied once, in the order of their numbers.');
  withFlags(migrations.command('list <name>').description('List the migrations, and which of them have been applied.'))
    .addHelpText('after', '\nWith --json: one line for each migration.')
    .action(list);
  withFlags(migrations.command('apply <name>').description('Apply those that have not been, each in a transaction of its own.'))
    .addHelpText('after', '\nWith --json: one line for each that was applied.')
    .action(apply);
}

function withFlags(command: Command): Command {
  return withHostFlags(
    command
      .option('--config <path>', "the function's folder or its config file (default: .)")
      .option('-e, --environment <name>', 'the environment [env.NAME] of that config'),
  );
}

async function execute(name: string, flags: ExecuteFlags): Promise<void> {
  const output = createOutput(flags);
  if ((flags.command === undefined) === (flags.file === undefined)) throw usage('Give the SQL with --command or with --file.');
  const statements = statementsOf(flags.command ?? readSql(flags.file!));
  if (statements.length === 0) throw usage('There is no statement in that SQL.');
  const address = addressOf(await databaseOf(name, flags));
  const results = await connect(flags).client.query(
    address,
    statements.map((sql) => ({ sql })),
  );
  for (const result of results) output.result({ results: objectsOf(result), meta: result.meta }, resultText(result));
}

async function list(name: string, flags: Flags): Promise<void> {
  const output = createOutput(flags);
  const database = await databaseOf(name, flags);
  const { names, applied } = await migrationsOf(connect(flags).client, database);
  const rows = names.map((migration) => ({ name: migration, appliedAt: applied.get(migration) ?? null }));
  if (output.json) for (const row of rows) output.result(row, '');
  else
    output.result(
      null,
      rows.length === 0 ? 'There are no migrations.' : table([['NAME', 'APPLIED'], ...rows.map((row) => [row.name, row.appliedAt ?? '-'])]),
    );
}

async function apply(name: string, flags: Flags): Promise<void> {
  const output = createOutput(flags);
  const database = await databaseOf(name, flags);
  let count = 0;
  for await (const migration of applyMigrations(connect(flags).client, database)) {
    output.result({ applied: migration }, `Applied ${migration}`);
    count++;
  }
  if (count === 0) output.note('There is nothing to apply.');
}

async function databaseOf(name: string, { config = '.', environment }: Flags): Promise<DatabaseConfig> {
  const { findDatabase } = await import('../../build/databases.ts');
  return findDatabase(config, name, environment);
}

function readSql(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new CliError('failed', `${file} cannot be read. Check that it is a file of SQL.`, cause);
  }
}

function objectsOf({ columns, rows }: QueryResult): object[] {
  return rows.map((row) => Object.fromEntries(row.map((value, index) => [columns[index], value])));
}

function resultText({ columns, rows, meta }: QueryResult): string {
  if (columns.length > 0) return table([columns, ...rows.map((row) => row.map(cellText))]);
  return `${meta.changes} ${meta.changes === 1 ? 'row' : 'rows'} changed`;
}

function cellText(value: QueryResult['rows'][number][number]): string {
  if (value === null) return 'NULL';
  return Array.isArray(value) ? `x'${value.map((byte) => byte.toString(16).padStart(2, '0')).join('')}'` : String(value);
}
