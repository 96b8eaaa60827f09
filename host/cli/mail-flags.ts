import { readFileSync } from 'node:fs';
import process from 'node:process';
import type { Command } from 'commander';
import type { MailOptions, SmtpOptions } from '../platforms/mail-options.ts';
import { usage } from './failure.ts';

/** What a host takes mail with, and sends it by. */
export interface MailFlags {
  readonly smtpPort?: string;
  readonly smtpHostname?: string;
  readonly smtpMaxSize?: string;
  readonly smtpMaxRecipients?: string;
  readonly smtpCert?: string;
  readonly smtpKey?: string;
  readonly smtpRelay?: string;
  readonly mailbox?: boolean;
}

const MAX_SIZE = 25 * 1024 * 1024;

export function withSmtpFlags(command: Command): Command {
  return command
    .option('--smtp-port <n>', 'take mail for functions at this port, by SMTP; 0 takes any free one. Nobody listens without it')
    .option('--smtp-hostname <address>', 'address to listen at for mail', '127.0.0.1')
    .option(
      '--smtp-relay <url>',
      'send mail of functions by this server: smtp://user@host:port, or smtps://; BRINK_SMTP_RELAY without it. The password is BRINK_SMTP_PASSWORD',
    );
}

/** Those of a host that serves. */
export function withMailFlags(command: Command): Command {
  return withSmtpFlags(command)
    .option('--smtp-max-size <bytes>', `of a message that comes in, at most ${MAX_SIZE}`, String(MAX_SIZE))
    .option('--smtp-max-recipients <n>', 'of a message that comes in', '100')
    .option('--smtp-cert <file>', 'a certificate, PEM, for TLS by STARTTLS; without it there is none')
    .option('--smtp-key <file>', 'its key, PEM')
    .option('--mailbox', 'keep what functions send where there is no relay, for `brink mail`');
}

/** undefined where nobody listens for mail. @throws {CliError} `usage` */
export function smtpOf(flags: MailFlags): SmtpOptions | undefined {
  const { smtpPort: port, smtpHostname: hostname = '127.0.0.1', smtpCert: cert, smtpKey: key } = flags;
  if ((cert === undefined) !== (key === undefined)) throw usage('--smtp-cert and --smtp-key go together: give both, or none.');
  if (port === undefined) return undefined;
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) throw usage(`--smtp-port ${JSON.stringify(port)} is not a number from 0 to 65535.`);
  return {
    hostname,
    port: Number(port),
    maxSize: wholeOf('--smtp-max-size', flags.smtpMaxSize, MAX_SIZE),
    maxRecipients: wholeOf('--smtp-max-recipients', flags.smtpMaxRecipients, 10_000),
    ...(cert !== undefined && { tls: { cert: read(cert), key: read(key!) } }),
  };
}

/** A relay has its password from the environment, or in its URL, which other users of the machine can see. */
export function mailOf({ smtpRelay, mailbox = false }: MailFlags): MailOptions {
  const relay = smtpRelay ?? (process.env['BRINK_SMTP_RELAY'] || undefined);
  const password = process.env['BRINK_SMTP_PASSWORD'] || undefined;
  return { mailbox, ...(relay !== undefined && { relay }), ...(password !== undefined && { password }) };
}

function wholeOf(flag: string, text: string | undefined, most: number): number | undefined {
  if (text === undefined) return undefined;
  if (/^[1-9]\d{0,8}$/.test(text) && Number(text) <= most) return Number(text);
  throw usage(`${flag} ${JSON.stringify(text)} is not a number from 1 to ${most}.`);
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw usage(`Cannot read ${file}: ${(cause as NodeJS.ErrnoException).code ?? String(cause)}.`);
  }
}
