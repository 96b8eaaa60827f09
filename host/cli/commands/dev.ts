import type { Command } from 'commander';
import type { Config } from '../../build/config.ts';
import type { Built } from '../../build/build.ts';
import type { Watching } from '../../build/watch.ts';
import { BrinkError } from '../../errors.ts';
import { tellApiChanges } from '../api-changes.ts';
import { DEFAULT_HOST, DEFAULT_STATE, savedToken } from '../connection.ts';
import { mailOf, smtpOf, withSmtpFlags, type MailFlags } from '../mail-flags.ts';
import { engineOf, starterOf, withEngineFlag, type EngineFlags } from '../engine.ts';
import { usage } from '../failure.ts';
import { networkOf, OWN_MACHINE, withNetworkFlags, type NetworkFlags } from '../network-flags.ts';
import { createOutput, type Output } from '../output.ts';
import { portOf, runSession, type Session } from '../session.ts';

interface DevFlags extends EngineFlags, NetworkFlags, MailFlags {
  readonly port?: string;
  readonly hostname: string;
  readonly state?: string;
  readonly environment?: string;
  readonly json?: boolean;
}

export function addDev(program: Command): void {
  const command = program
    .command('dev [dirs...]')
    .summary('run functions from their sources, anew on each save')
    .description('Run functions from their sources, and anew on each save. One function answers at /, several at /{name}/.');
  withEngineFlag(command, 'workerd')
    .option('--port <n>', 'PORT without it, else 8787; 0 takes any free one')
    .option('--hostname <address>', 'address to listen at', '127.0.0.1')
    .option('--state <dir>', 'keep state in this directory; without it, state is gone when dev ends')
    .option('-e, --environment <name>', "the environment [env.NAME] of a function's config")
    .option('--json', 'one line of JSON per result: {"listening"}, each build and each event');
  withNetworkFlags(withSmtpFlags(command), ' and this machine’s own')
    .addHelpText(
      'after',
      '\nA folder needs a brink.toml, or the wrangler.toml, wrangler.json or wrangler.jsonc of a Workers project; .dev.vars adds to its vars.' +
        '\nRun a cron handler with `brink invoke {name} --scheduled`. What functions send is kept for `brink mail list`, unless there is a relay. While a build fails, the last good version keeps answering.' +
        '\nWith --engine node, `brink tick 1h` moves its clock forward, and what comes due meanwhile happens at once.\n\nExamples:\n  brink dev\n  brink dev functions/hello functions/api --engine node',
    )
    .action(dev);
}

async function dev(directories: readonly string[], flags: DevFlags): Promise<void> {
  const output = createOutput(flags);
  const port = portOf(flags.port);
  const options = { devVars: true, secretsAsVars: true, ...(flags.environment !== undefined && { env: flags.environment }) };
  const { readConfig } = await import('../../build/config.ts');
  const configs = await Promise.all((directories.length > 0 ? directories : ['.']).map((directory) => readConfig(directory, options)));
  const names = configs.map(({ manifest }) => manifest.name);
  refuseTwins(names);

  const token = savedToken(flags.state ?? DEFAULT_STATE);
  const watching: Watching[] = [];
  const host = {
    start: await starterOf(engineOf(flags, 'workerd')),
    output,
    port,
    hostname: flags.hostname,
    state: flags.state ?? null,
    movable: true,
    mail: mailOf({ ...flags, mailbox: true }),
    smtp: smtpOf(flags),
    network: networkOf(flags, OWN_MACHINE),
    // A CLI in the same folder finds the same token.
    ...(token !== null && { token }),
    ...(names.length === 1 && { root: names[0]! }),
  };
  try {
    await runSession(host, async (session) => {
      await Promise.all(configs.map(async (config) => watching.push(await watch(config, session, output))));
      showPlaces(configs, session.url, output);
    });
  } finally {
    await Promise.all(watching.map(({ stop }) => stop()));
  }
}

/** Publishes each good build as `live`, one after the other. The watcher has begun, and the first build is published, when it returns. */
async function watch(config: Config, session: Session, output: Output): Promise<Watching> {
  let last = Promise.resolve();
  let previous: { name: string; version: number } | null = null;
  const publish = async (built: Built, since: number) => {
    const { name } = built.artifact.manifest;
    const { version, digest, created, apiChanges } = await session.client.publish(name, built.bytes, { alias: 'live' });
    for (const warning of built.warnings) output.note(output.colors.yellow(`warning: ${warning}`));
    tellApiChanges(output, name, apiChanges);
    output.result(
      { built: { function: name, version, digest } },
      output.colors.dim(`${name}@${version} is live, ${Math.round(performance.now() - since)} ms after its build`),
    );
    // A day of saves would fill the registry. What another alias names stays.
    if (created && previous?.name === name && previous.version !== version)
      await session.client.removeVersion(name, previous.version).catch(() => {});
    if (created) previous = { name, version };
  };
  const { watchFunction } = await import('../../build/watch.ts');
  const watching = await watchFunction(config, (result) => {
    const since = performance.now();
    last = last.then(async () => (result instanceof BrinkError ? output.failure(result) : publish(result, since))).catch(output.failure);
  });
  await last;
  return {
    async stop() {
      await watching.stop();
      await last;
    },
  };
}

function refuseTwins(names: readonly string[]): void {
  const twin = names.find((name, index) => names.indexOf(name) < index);
  if (twin !== undefined) throw usage(`Two of these folders hold a function called ${twin}. Give one another name.`);
}

function showPlaces(configs: readonly Config[], url: string, output: Output): void {
  if (output.json) return;
  const at = url === DEFAULT_HOST ? '' : ` --host ${url}`;
  for (const { manifest } of configs) {
    const { name, triggers, schedules = [] } = manifest;
    output.result(null, `${name}  ${output.colors.cyan(`${url}/${configs.length === 1 ? '' : `${name}/`}`)}`);
    for (const schedule of schedules)
      if ('name' in schedule) output.result(null, `  schedule "${schedule.name}"; see its runs: brink schedules runs ${name}${at}`);
    for (const cron of triggers.crons) output.result(null, `  cron "${cron}"; run it now: brink invoke ${name} --scheduled "${cron}"${at}`);
  }
}
