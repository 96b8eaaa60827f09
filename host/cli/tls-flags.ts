import process from 'node:process';
import type { Command } from 'commander';
import type { EngineName } from './engine.ts';
import type { RunningTls, TlsOptions } from '../platforms/running.ts';
import { usage } from './failure.ts';

/** What a host speaks TLS with. */
export interface TlsFlags {
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly tlsClientCa?: string;
}

export function withTlsFlags(command: Command): Command {
  return command
    .option(
      '--tls-cert <file>',
      'speak TLS at the port, with this certificate (PEM) and those that it was signed with; BRINK_TLS_CERT without it',
    )
    .option('--tls-key <file>', 'its key, PEM; BRINK_TLS_KEY without it. Both are read again when they change, and on SIGHUP')
    .option(
      '--tls-client-ca <file>',
      'ask clients for certificates, and let in only such as this one signed; BRINK_TLS_CLIENT_CA without it',
    );
}

/** undefined where TLS is left to others. @throws {CliError} `usage` */
export function tlsOf(flags: TlsFlags, engine: EngineName): TlsOptions | undefined {
  const {
    tlsCert: cert = inEnvironment('CERT'),
    tlsKey: key = inEnvironment('KEY'),
    tlsClientCa: clientCa = inEnvironment('CLIENT_CA'),
  } = flags;
  if (cert === undefined && key === undefined && clientCa === undefined) return undefined;
  if (cert === undefined || key === undefined)
    throw usage('--tls-cert and --tls-key go together: give both, or none. --tls-client-ca needs both.');
  if (engine !== 'node') throw usage('--tls-cert is for --engine node. Before workerd a proxy speaks TLS.');
  return { cert, key, clientCa };
}

/** What the start says of a certificate. */
export function certificateText(tls: RunningTls): string {
  const { names, until } = tls.certificate();
  return `The certificate is of ${names.join(', ')}, until ${new Date(until).toISOString().slice(0, 10)}`;
}

function inEnvironment(name: string): string | undefined {
  return process.env[`BRINK_TLS_${name}`] || undefined;
}
