import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Command } from 'commander';
import { createOutput } from '../output.ts';
import { readSource } from '../source.ts';

interface BuildFlags {
  readonly output?: string;
  readonly environment?: string;
  readonly json?: boolean;
}

export function addBuild(program: Command): void {
  program
    .command('build [dir]')
    .summary('build a function into an artifact')
    .description('Build a function into an artifact: one file with its modules and manifest. The same sources give the same digest.')
    .option('-o, --output <file>', 'where to write it (default: dist/{name}.brink below the current folder)')
    .option('-e, --environment <name>', "the environment [env.NAME] of the function's config")
    .option('--json', 'one line of JSON: {"function","digest","bytes","file"}')
    .addHelpText('after', '\nExamples:\n  brink build\n  brink build functions/hello -o hello.brink')
    .action((directory: string | undefined, flags: BuildFlags) => build(directory ?? '.', flags));
}

async function build(directory: string, flags: BuildFlags): Promise<void> {
  const output = createOutput(flags);
  const { name, bytes, digest } = await readSource(directory, output, flags.environment === undefined ? {} : { env: flags.environment });
  const file = flags.output ?? join('dist', `${name}.brink`);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, bytes);
  output.result({ function: name, digest, bytes: bytes.byteLength, file }, `${file}  ${sizeText(bytes.byteLength)}\nsha256:${digest}`);
}

export function sizeText(bytes: number): string {
  return bytes < 10_240 ? `${bytes} B` : bytes < 1_048_576 ? `${(bytes / 1024).toFixed(1)} KiB` : `${(bytes / 1_048_576).toFixed(1)} MiB`;
}
