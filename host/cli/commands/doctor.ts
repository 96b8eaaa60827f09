import type { Command } from 'commander';
import type { Finding } from '../../platforms/node/doctor.ts';
import { DEFAULT_STATE } from '../connection.ts';
import { CliError } from '../failure.ts';
import { natsOf, withNatsFlags, type NatsFlags } from '../nats-flags.ts';
import { createOutput, type Output } from '../output.ts';
import { portOf } from '../session.ts';
import { tlsOf, withTlsFlags, type TlsFlags } from '../tls-flags.ts';

interface DoctorFlags extends NatsFlags, TlsFlags {
  readonly port?: string;
  readonly hostname: string;
  readonly state: string;
  readonly json?: boolean;
}

export function addDoctor(program: Command): void {
  const command = program
    .command('doctor')
    .summary('look whether a host can run here, and what may be lost')
    .description('Look at this machine, and at the state that a host would use, with the flags of `brink serve`. Changes nothing.')
    .option('--port <n>', 'PORT without it, else 8787')
    .option('--hostname <address>', 'address to listen at', '127.0.0.1')
    .option('--state <dir>', 'directory of the state', DEFAULT_STATE)
    .option('--json', 'one line of JSON for each check: {"check", "status", "message", "way"}');
  withTlsFlags(withNatsFlags(command))
    .addHelpText(
      'after',
      '\nEach line is ok, warn or fail, with the way out. Exit status 1 where something fails.\n\nExamples:\n  brink doctor\n  brink doctor --nats nats://127.0.0.1:4222',
    )
    .action(doctor);
}

async function doctor(flags: DoctorFlags): Promise<void> {
  const output = createOutput(flags);
  const { hostname, state } = flags;
  const nats = natsOf(flags);
  const tls = tlsOf(flags, 'node');
  const port = portOf(flags.port);
  const { checkMachine } = await import('../../platforms/node/doctor.ts');
  const { checkNats } = await import('../../platforms/node/nats-doctor.ts');
  const { checkTls } = await import('../../platforms/node/tls-doctor.ts');
  const found = await checkMachine({ hostname, port, state, shared: nats !== undefined });
  found.forEach((finding) => show(finding, output));
  const more = [...(tls === undefined ? [] : [await checkTls(tls)]), ...(nats === undefined ? [] : await checkNats(nats))];
  more.forEach((finding) => show(finding, output));
  const failed = [...found, ...more].filter(({ status }) => status === 'fail').length;
  if (failed > 0) throw new CliError('failed', `A host cannot run here: ${failed} of ${found.length + more.length} checks failed.`);
}

function show(finding: Finding, output: Output): void {
  const { check, status, message, way } = finding;
  const paint = { ok: output.colors.green, warn: output.colors.yellow, fail: output.colors.red }[status];
  output.result(finding, `${paint(status.padEnd(4))}  ${check}: ${message}${way === undefined ? '' : `\n      ${way}`}`);
}
