import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import type { StaticFunction } from '../../platforms/workerd/static.ts';
import { requiredSecrets } from '../../registry/secret-change.ts';
import { withHostFlags, type HostFlags } from '../connection.ts';
import { CliError } from '../failure.ts';
import { createOutput, type Output } from '../output.ts';
import { staticFunctions } from '../static-functions.ts';
import { sizeText } from './build.ts';

interface DeployFlags extends HostFlags {
  readonly dryRun?: boolean;
  readonly config: string;
  readonly static?: readonly string[];
}

const OWN_CONFIG = fileURLToPath(new URL('../../../wrangler.toml', import.meta.url));
const OUTPUT = join('dist', 'edge');

/** What an account has to have for the bundle to run there. */
const LOADER_NEEDS = [
  'Workers Paid, with Dynamic Workers (the beta that gives Worker Loader bindings): each version runs as an isolate of its own',
  'a Durable Object with SQLite storage: functions, versions, aliases and artifacts',
  'an R2 bucket, brink: the objects of functions’ buckets; wrangler makes it where it is not there',
  'the secret BRINK_TOKEN, without which the admin API is closed: npx wrangler secret put BRINK_TOKEN',
  'for secrets of functions the secret BRINK_SECRET_KEY, which encrypts them: openssl rand -base64 32 | npx wrangler secret put BRINK_SECRET_KEY',
];

/** Functions come with the Worker, so nothing is published to it and nothing is kept. */
const STATIC_NEEDS = ['nothing but Workers: the functions are part of the Worker; publishing to it is not possible'];

export function addDeploy(program: Command): void {
  withHostFlags(program.command('deploy'))
    .summary('put the host on Cloudflare')
    .description(
      'Put the host itself on Cloudflare, through wrangler. Then publish to it: `brink publish DIR --host https://…`, with BRINK_TOKEN set.',
    )
    .option('--dry-run', `write the bundle that wrangler would upload into ${OUTPUT}, check it, and upload nothing`)
    .option(
      '--static <function...>',
      'without Dynamic Workers: put these into the host Worker itself; folders, files, or functions of --host',
    )
    .option('--config <file>', "the host's wrangler config, for its name, routes and crons", OWN_CONFIG)
    .addHelpText(
      'after',
      `\nIt needs of an account:\n${LOADER_NEEDS.map((need) => `  - ${need}`).join('\n')}\n\nwrangler logs in by itself, or takes CLOUDFLARE_API_TOKEN. With --json: {"deployed","directory","bytes","needs"}.\n\nExamples:\n  brink deploy --dry-run\n  brink deploy\n  brink deploy --static functions/hello functions/hono`,
    )
    .action(deploy);
}

async function deploy(flags: DeployFlags): Promise<void> {
  const { dryRun = false, config, static: places } = flags;
  const output = createOutput(flags);
  const functions = places && (await staticFunctions(places, flags, output));
  const needs = functions ? staticNeeds(functions) : LOADER_NEEDS;
  const bytes = await output.progress('Bundling the host', () => (functions ? writeStatic(functions) : writeBundle(resolve(config))));
  await runWrangler(dryRun, needs, output);
  const directory = relative(process.cwd(), resolve(OUTPUT));
  const text = [
    dryRun
      ? `${directory} holds what would be uploaded (${sizeText(bytes)}). It needs of an account:`
      : 'Deployed. It needs of the account:',
    ...needs.map((need) => `  - ${need}`),
  ].join('\n');
  output.result({ deployed: !dryRun, directory, bytes, needs }, text);
}

function staticNeeds(functions: readonly StaticFunction[]): readonly string[] {
  const names = [...new Set(functions.flatMap(({ artifact }) => requiredSecrets(artifact.manifest).secrets ?? []))];
  const secrets = names.map(
    (name) => `the secret ${name}, which a function requires: npx wrangler secret put ${name} --config ${join(OUTPUT, 'wrangler.json')}`,
  );
  return [...STATIC_NEEDS, ...secrets];
}

/** The Worker, its source map and a config for both, without the build that has been done. */
async function writeBundle(configFile: string): Promise<number> {
  const [{ bundleEdge }, { parse }] = await Promise.all([import('../../platforms/workerd/build.ts'), import('smol-toml')]);
  const { code, map } = await bundleEdge();
  const { build: _build, $schema: _schema, ...config } = parse(readFileSync(configFile, 'utf8'));
  emptyOutput();
  writeFileSync(join(OUTPUT, 'worker.js'), `${code}\n//# sourceMappingURL=worker.js.map\n`);
  writeFileSync(join(OUTPUT, 'worker.js.map'), map);
  writeFileSync(
    join(OUTPUT, 'wrangler.json'),
    `${JSON.stringify({ ...config, main: 'worker.js', no_bundle: true, upload_source_maps: true }, null, 2)}\n`,
  );
  return Buffer.byteLength(code);
}

/** The Worker, the modules of its functions, and a config for them. */
async function writeStatic(functions: readonly StaticFunction[]): Promise<number> {
  const { bundleStatic } = await import('../../platforms/workerd/static.ts');
  const { modules, wranglerConfig } = await bundleStatic(functions);
  emptyOutput();
  let bytes = 0;
  for (const [path, module] of modules) {
    const file = join(OUTPUT, ...path.split('/'));
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, module.bytes);
    bytes += module.bytes.byteLength;
  }
  writeFileSync(join(OUTPUT, 'wrangler.json'), `${JSON.stringify(wranglerConfig, null, 2)}\n`);
  return bytes;
}

function emptyOutput(): void {
  rmSync(OUTPUT, { recursive: true, force: true });
  mkdirSync(OUTPUT, { recursive: true });
}

/** wrangler asks, logs in and reports for itself; with `--json` what it says goes to stderr. */
function runWrangler(dryRun: boolean, needs: readonly string[], output: Output): Promise<void> {
  const manifest = createRequire(import.meta.url).resolve('wrangler/package.json');
  const args = [
    join(dirname(manifest), 'bin', 'wrangler.js'),
    'deploy',
    '--config',
    join(OUTPUT, 'wrangler.json'),
    ...(dryRun ? ['--dry-run'] : []),
  ];
  const env = { ...process.env, WRANGLER_SEND_METRICS: process.env['WRANGLER_SEND_METRICS'] ?? 'false' };
  output.note(dryRun ? 'Checking it with wrangler …' : 'Uploading with wrangler …');
  return new Promise((done, refuse) => {
    const wrangler = spawn(process.execPath, args, { stdio: ['inherit', output.json ? 2 : 'inherit', 'inherit'], env });
    wrangler.on('error', refuse);
    wrangler.on('exit', (code) => {
      if (code === 0) done();
      else
        refuse(
          new CliError(
            'failed',
            `wrangler ended with status ${code}. The account needs:\n${needs.map((need) => `  - ${need}`).join('\n')}`,
          ),
        );
    });
  });
}
