import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import type { AdminClient } from '../admin/client.ts';
import { readConfig } from '../build/config.ts';
import { findDatabase, type DatabaseConfig } from '../build/databases.ts';
import { serve } from './commands/serve.ts';
import { DEFAULT_STATE } from './connection.ts';
import { exitStatus, reportFailure } from './failure.ts';
import { applyMigrations } from './migrations.ts';
import { createOutput, type Output } from './output.ts';
import { readSource, type Source } from './source.ts';

interface StartFlags {
  readonly port?: string;
  readonly hostname: string;
  readonly state: string;
  readonly json?: boolean;
}

const FUNCTIONS = fileURLToPath(new URL('../../functions/', import.meta.url));

/** `npm start`: builds the examples, serves them on Node, and shows their URLs. */
const command = new Command('npm start --')
  .description('Build and publish the functions of this repository, and serve them on Node.')
  .option('--port <n>', 'PORT without it, else 8787; 0 takes any free one')
  .option('--hostname <address>', 'address to listen at', '127.0.0.1')
  .option('--state <dir>', 'directory of the state', DEFAULT_STATE)
  .option('--json', 'one line of JSON per result')
  .exitOverride()
  .action(async (flags: StartFlags) => {
    const output = createOutput(flags);
    const sources = await buildAll(output);
    await serve({ ...flags, mailbox: true }, output, { sources, prepare: (client) => migrateAll(client, output) });
  });

await command.parseAsync().catch((error: unknown) => {
  reportFailure(error, process.argv.includes('--json'));
  process.exitCode = exitStatus(error);
});

/** As `brink d1 migrations apply` does for each database of an example, so that all of them answer. */
async function migrateAll(client: AdminClient, output: Output): Promise<void> {
  for (const folder of folders()) {
    for (const database of await databasesOf(folder).catch(() => [])) {
      try {
        for await (const name of applyMigrations(client, database)) output.note(`Applied ${name} of ${database.function}`);
      } catch (error) {
        output.failure(error);
      }
    }
  }
}

/** Of a config that can be read; what is wrong with another, the build has said. */
async function databasesOf(folder: string): Promise<DatabaseConfig[]> {
  const { manifest } = await readConfig(folder);
  return Promise.all((manifest.d1_databases ?? []).map(({ binding }) => findDatabase(folder, binding)));
}

/** What cannot be built is shown, and keeps no other from being served. */
async function buildAll(output: Output): Promise<Source[]> {
  const sources: Source[] = [];
  for (const folder of folders()) {
    const source = await readSource(folder, output).catch(output.failure);
    if (source) sources.push(source);
  }
  return sources;
}

/** A folder without a config is no function. */
function folders(): string[] {
  return readdirSync(FUNCTIONS)
    .map((name) => join(FUNCTIONS, name))
    .filter((folder) => existsSync(join(folder, 'brink.toml')));
}
