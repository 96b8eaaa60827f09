import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative, resolve } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { Option, type Command } from 'commander';
import { checkName } from '../../registry/names.ts';
import { CliError, usage } from '../failure.ts';
import { createOutput } from '../output.ts';

interface InitFlags {
  readonly template: string;
  readonly install: boolean;
  readonly json?: boolean;
}

const TEMPLATES = fileURLToPath(new URL('../templates/', import.meta.url));
/** The name that every template has until it is copied. */
const PLACEHOLDER = 'template-name';
/** npm leaves a file of this name out of packages, so templates hold it without its dot. */
const DOTTED = 'gitignore';

export function addInit(program: Command): void {
  program
    .command('init <dir>')
    .summary('make a new function')
    .description("Make a new function in a new folder, ready for `brink dev`. The folder's name is the function's.")
    .addOption(new Option('--template <name>', 'what to begin with').choices(templateNames()).default('fetch'))
    .option('--no-install', 'leave the packages that the template needs to you')
    .option('--json', 'one line of JSON: {"function","directory","template","files","installed","build"}')
    .addHelpText(
      'after',
      '\nThe templates component-* are WebAssembly components. They are built with the tools of their language, by the one' +
        '\ncommand that is printed and that their brink.toml has as build.command; their README.md says what it needs.' +
        '\n\nExamples:\n  brink init hello\n  brink init api --template hono\n  brink init nightly --template scheduled\n  brink init orders --template lambda\n  brink init greet --template component-rust',
    )
    .action((directory: string, flags: InitFlags) => init(directory, flags));
}

async function init(directory: string, { template, install, json }: InitFlags): Promise<void> {
  const target = resolve(directory);
  const name = basename(target);
  checkName(name, 'function');
  refuseOverwrite(target, directory);
  mkdirSync(dirname(target), { recursive: true });
  cpSync(join(TEMPLATES, template), target, { recursive: true });
  const files = filesBelow(target).map((file) => finish(target, file, name));
  const output = createOutput({ ...(json && { json }) });
  const missing = missingPackages(target);
  const installed = missing.length === 0 || (install && (await output.progress(`Installing ${missing.join(', ')}`, () => runNpm(target))));
  const build = await buildCommand(target);
  const place = relative(process.cwd(), target) || '.';
  const steps = [
    ...(installed ? [] : [`Install what it needs:  cd ${place} && npm install`]),
    ...(build === null ? [] : [`Build it:  cd ${place} && ${build}  (README.md there says what that needs)`]),
    `Run it:  brink dev ${place}`,
  ];
  const text = [`Made ${name} in ${place}:`, ...files.map((file) => `  ${file}`), '', ...steps].join('\n');
  output.result({ function: name, directory: target, template, files, installed, build }, text);
}

function templateNames(): string[] {
  return readdirSync(TEMPLATES).filter((name) => statSync(join(TEMPLATES, name)).isDirectory());
}

function refuseOverwrite(target: string, given: string): void {
  if (!existsSync(target)) return;
  if (!statSync(target).isDirectory()) throw usage(`${given} is a file. Name a folder that is not there yet.`);
  if (readdirSync(target).length > 0)
    throw new CliError('failed', `${given} is not empty, and init overwrites nothing. Name a folder that is not there yet.`);
}

function filesBelow(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(directory, join(entry.parentPath, entry.name)))
    .toSorted();
}

function finish(target: string, file: string, name: string): string {
  const path = join(target, file);
  writeFileSync(path, readFileSync(path, 'utf8').replaceAll(PLACEHOLDER, name));
  if (basename(file) !== DOTTED) return file;
  const dotted = join(dirname(file), `.${DOTTED}`);
  renameSync(path, join(target, dotted));
  return dotted;
}

/** Packages that the function names and that no folder above it has. */
function missingPackages(target: string): string[] {
  const file = join(target, 'package.json');
  if (!existsSync(file)) return [];
  const { dependencies, devDependencies } = JSON.parse(readFileSync(file, 'utf8')) as Record<string, Record<string, string> | undefined>;
  const { resolve: resolver } = createRequire(file);
  return Object.keys({ ...dependencies, ...devDependencies }).filter(
    (name) => !resolver.paths(name)?.some((folder) => existsSync(join(folder, name, 'package.json'))),
  );
}

/** What has to be run before the function's main module is there; null where Brink builds it from its sources. */
async function buildCommand(target: string): Promise<string | null> {
  const { findConfigFile, readConfigFile } = await import('../../build/config-file.ts');
  const { build } = (await readConfigFile((await findConfigFile(target))!)) as { build?: { command?: string } };
  return build?.command ?? null;
}

/** Says whether it worked: without a network the function is there all the same. */
function runNpm(target: string): Promise<boolean> {
  return new Promise((done) => {
    const npm = spawn('npm', ['install', '--no-audit', '--no-fund'], { cwd: target, stdio: 'ignore', shell: process.platform === 'win32' });
    npm.on('error', () => done(false));
    npm.on('exit', (code) => done(code === 0));
  });
}
