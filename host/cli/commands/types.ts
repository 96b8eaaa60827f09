import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import process from 'node:process';
import type { Command } from 'commander';
import type { SdkText } from '../../build/env-types.ts';
import { CliError } from '../failure.ts';
import { createOutput } from '../output.ts';

interface TypesFlags {
  readonly output?: string;
  readonly environment?: string;
  readonly runtime: boolean;
  readonly check?: boolean;
  readonly json?: boolean;
}

/** Beside the code, in a clone; of a published package, beside what is built of it. */
const SDK = ['../../../sdk/', '../../../../sdk/']
  .map((place) => new URL(place, import.meta.url))
  .find((url) => existsSync(new URL('index.ts', url)))!;
const FILE = 'brink-env.d.ts';

export function addTypes(program: Command): void {
  program
    .command('types [dir]')
    .summary("write the types of a function's env")
    .description(
      "Write the TypeScript types of a function's env: what its config names (vars, secrets, bindings) as `Env`, and the types of handlers and bindings under `Brink`. The file needs no package.",
    )
    .option('-o, --output <file>', `where to write it (default: ${FILE} in the function's folder)`)
    .option('-e, --environment <name>', "the environment [env.NAME] of the function's config")
    .option('--no-runtime', "leave out what the runtime adds to the web's globals, for who has those types from elsewhere")
    .option('--check', 'write nothing, and fail where the file is not as it would be written')
    .option('--json', 'one line of JSON: {"function","file","changed"}')
    .addHelpText('after', '\nExamples:\n  brink types\n  brink types functions/hello --check')
    .action((directory: string | undefined, flags: TypesFlags) => types(directory ?? '.', flags));
}

async function types(directory: string, { output: wanted, environment, runtime, check, json }: TypesFlags): Promise<void> {
  const [{ readConfig }, { envDeclarations }] = await Promise.all([import('../../build/config.ts'), import('../../build/env-types.ts')]);
  const { dir, file: config, manifest } = await readConfig(directory, environment === undefined ? {} : { env: environment });
  const file = wanted ?? relative(process.cwd(), join(dir, FILE));
  const text = envDeclarations(manifest, config ?? 'no config', sdkText(runtime));
  const changed = text !== present(file);
  if (check && changed) throw new CliError('failed', `${file} is not as ${config} has it. Write it:  brink types ${directory}`);
  if (changed) writeFileSync(file, text);
  createOutput({ ...(json && { json }) }).result(
    { function: manifest.name, file, changed },
    changed ? `Wrote ${file}` : `${file} is up to date`,
  );
}

function sdkText(withGlobals: boolean): SdkText {
  const file = (name: string) => readFileSync(new URL(name, SDK), 'utf8');
  return { index: file('index.ts'), file, globals: withGlobals ? file('globals.d.ts') : null };
}

function present(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
