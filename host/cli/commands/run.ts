import type { Command } from 'commander';
import { engineOf, starterOf, withEngineFlag, type EngineFlags } from '../engine.ts';
import { usage } from '../failure.ts';
import { networkOf, OWN_MACHINE, withNetworkFlags, type NetworkFlags } from '../network-flags.ts';
import { createOutput } from '../output.ts';
import { portOf, runSession } from '../session.ts';
import { readSource } from '../source.ts';

interface RunFlags extends EngineFlags, NetworkFlags {
  readonly port?: string;
  readonly hostname: string;
  readonly env: Record<string, string>;
  readonly allowHost: readonly string[];
  readonly json?: boolean;
}

export function addRun(program: Command): void {
  const command = program
    .command('run <file-or-dir>')
    .summary('run one function at /, without registry and state')
    .description('Run one function at /, with no registry and no state: a source file, a folder, or an artifact.');
  withEngineFlag(command, 'node')
    .option('--port <n>', 'PORT without it, else 8787; 0 takes any free one')
    .option('--hostname <address>', 'address to listen at', '127.0.0.1')
    .option('--env <K=V>', 'a variable of its env; may be repeated', collectVar, {})
    .option(
      '--allow-host <host>',
      'a host that its fetch may reach, such as api.example.com or *.example.com; may be repeated, and then it reaches no other',
      collect,
      [],
    )
    .option('--json', 'one line of JSON per result: {"listening"}, then each event');
  withNetworkFlags(command, ' and this machine’s own')
    .addHelpText(
      'after',
      '\nExamples:\n  brink run hello.ts\n  brink run functions/hello --port 3000 --env NAME=Ada\n  brink run dist/hello.brink --allow-host api.example.com',
    )
    .action(run);
}

async function run(place: string, flags: RunFlags): Promise<void> {
  const output = createOutput(flags);
  const { env: vars, allowHost: outbound } = flags;
  const port = portOf(flags.port);
  const { name, bytes } = await readSource(place, output, { vars, secretsAsVars: true, ...(outbound.length > 0 && { outbound }) });
  const start = await starterOf(engineOf(flags, 'node'));
  const options = { start, output, port, hostname: flags.hostname, state: null, root: name, network: networkOf(flags, OWN_MACHINE) };
  await runSession(options, async ({ client }) => void (await client.publish(name, bytes, { alias: 'live' })));
}

function collect(value: string, values: readonly string[]): readonly string[] {
  return [...values, value];
}

function collectVar(text: string, vars: Record<string, string>): Record<string, string> {
  const at = text.indexOf('=');
  if (at < 1) throw usage(`--env ${JSON.stringify(text)} is not NAME=VALUE.`);
  return { ...vars, [text.slice(0, at)]: text.slice(at + 1) };
}
