import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { serve } from './commands/serve.ts';
import { DEFAULT_STATE } from './connection.ts';
import { exitStatus, reportFailure } from './failure.ts';
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
    await serve(flags, output, await buildAll(output));
  });

await command.parseAsync().catch((error: unknown) => {
  reportFailure(error, process.argv.includes('--json'));
  process.exitCode = exitStatus(error);
});

/** What cannot be built is shown, and keeps no other from being served. A folder without a config is no function. */
async function buildAll(output: Output): Promise<Source[]> {
  const folders = readdirSync(FUNCTIONS, { withFileTypes: true }).filter((entry) => existsSync(join(FUNCTIONS, entry.name, 'brink.toml')));
  const sources: Source[] = [];
  for (const { name } of folders) {
    const source = await readSource(join(FUNCTIONS, name), output).catch(output.failure);
    if (source) sources.push(source);
  }
  return sources;
}
