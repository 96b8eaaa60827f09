import type { Command } from 'commander';
import { rangeOf } from '../address.ts';
import { isOpening } from '../cell/egress.ts';
import type { NetworkOptions } from '../platforms/running.ts';
import { usage } from './failure.ts';

/** The flags of commands whose functions have a network around them. */
export interface NetworkFlags {
  readonly allowPrivate: readonly string[];
  readonly trustProxy?: readonly string[];
}

/** Who runs a function from its sources has other services on the same machine. */
export const OWN_MACHINE: readonly string[] = ['127.0.0.0/8', '::1'];

export function withNetworkFlags(command: Command, besides = ''): Command {
  return command
    .option(
      '--allow-private <host>',
      `a host, address or range such as db.internal or 10.0.0.0/8 that functions reach besides public addresses${besides}; may be repeated`,
      collect,
      [],
    )
    .option(
      '--trust-proxy <address>',
      'the address or range of a proxy before the host, which is believed where Forwarded or X-Forwarded-For says whose request it is; may be repeated',
      collect,
      [],
    );
}

/** @throws {CliError} `usage` */
export function networkOf({ allowPrivate, trustProxy = [] }: NetworkFlags, besides: readonly string[] = []): NetworkOptions {
  const wrong = allowPrivate.find((text) => !isOpening(text));
  if (wrong !== undefined) {
    const forms = 'Write a host such as db.internal or *.internal, an address, or a range such as 10.0.0.0/8, without scheme and port.';
    throw usage(`--allow-private ${JSON.stringify(wrong)} is no host, address or range. ${forms}`);
  }
  const stranger = trustProxy.find((text) => rangeOf(text) === null);
  if (stranger !== undefined) throw usage(`--trust-proxy ${JSON.stringify(stranger)} is no address and no range such as 10.0.0.0/8.`);
  return { open: [...besides, ...allowPrivate], ...(trustProxy.length > 0 && { proxies: trustProxy }) };
}

function collect(value: string, values: readonly string[]): readonly string[] {
  return [...values, value];
}
