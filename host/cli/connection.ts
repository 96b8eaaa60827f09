import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import type { Command } from 'commander';
import type { Agent } from 'undici';
import { createAdminClient, type AdminClient } from '../admin/client.ts';
import { CliError, usage } from './failure.ts';

/** The flags of every command that talks to a host. */
export interface HostFlags {
  readonly json?: boolean;
  readonly host?: string;
  readonly state?: string;
}

export interface HostConnection {
  /** Without a slash at the end. */
  readonly url: string;
  readonly client: AdminClient;
  /** A request to the host, which may be one to a function. */
  readonly fetch: (request: Request) => Promise<Response>;
}

export const DEFAULT_HOST = 'http://127.0.0.1:8787';
export const DEFAULT_STATE = '.brink';

let patient: Agent | undefined;

/** The flags of every command that moves an alias. */
export interface MoveFlags extends HostFlags {
  readonly reason?: string;
  readonly overrideFreeze?: string;
  readonly allowBreaking?: boolean;
}

export function withMoveFlags(command: Command): Command {
  return withHostFlags(command)
    .option('--reason <text>', 'why, for `brink history`')
    .option('--override-freeze <reason>', 'also in a freeze, and why');
}

/** Of those that may lead an alias to a version that it has not named. */
export function withBreakingFlag(command: Command): Command {
  return command.option('--allow-breaking', 'also where that breaks those who call, and the version says `breaking = "refuse"`');
}

export function withHostFlags(command: Command): Command {
  return command
    .option('--host <url>', `the host; BRINK_HOST without it, else ${DEFAULT_HOST}`)
    .option(
      '--state <dir>',
      `state directory of a host on this machine, where its token is when BRINK_TOKEN is not set (default: ${DEFAULT_STATE})`,
    )
    .option('--json', 'one line of JSON per result, and errors as JSON');
}

/** @throws {CliError} `usage` where the URL is none */
export function connect(flags: MoveFlags): HostConnection {
  const url = hostUrl(flags);
  const fetch = (request: Request) => send(request, url);
  const said = { actor: actor(), reason: flags.reason, overrideFreeze: flags.overrideFreeze, allowBreaking: flags.allowBreaking };
  return { url, fetch, client: createAdminClient({ url, token: tokenFor(url, flags.state), fetch, said }) };
}

/** Who the history says it was: BRINK_ACTOR, else the user of this machine. */
function actor(): string | undefined {
  const named = process.env['BRINK_ACTOR']?.trim();
  if (named) return named.slice(0, 200);
  try {
    return userInfo().username || undefined;
  } catch {
    // A user without an entry in the system's list.
    return undefined;
  }
}

/** BRINK_TOKEN, else what the host wrote into its state directory; null where there is neither. */
export function savedToken(state: string): string | null {
  const token = process.env['BRINK_TOKEN']?.trim();
  if (token) return token;
  try {
    return readFileSync(join(state, 'token'), 'utf8').trim() || null;
  } catch {
    return null;
  }
}

function hostUrl({ host = process.env['BRINK_HOST'] || DEFAULT_HOST }: HostFlags): string {
  const url = URL.parse(host);
  if (url === null || !/^https?:$/.test(url.protocol))
    throw usage(`The host ${JSON.stringify(host)} is not a URL. Write it such as ${DEFAULT_HOST}.`);
  if (url.username !== '' || url.password !== '') throw usage('A host URL takes no user name or password. Put the token into BRINK_TOKEN.');
  return url.origin + url.pathname.replace(/\/+$/, '');
}

/** The token of the state directory that happens to be here is this machine's, and goes to no other. */
function tokenFor(url: string, state: string | undefined): string | null {
  if (process.env['BRINK_TOKEN'] || state !== undefined || isLocal(url)) return savedToken(state ?? DEFAULT_STATE);
  return null;
}

function isLocal(url: string): boolean {
  const { hostname } = new URL(url);
  return /^(?:localhost|.+\.localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname);
}

async function send(request: Request, url: string): Promise<Response> {
  const { fetch, Agent } = await import('undici');
  // A function may take its time, and a followed log may say nothing for hours.
  patient ??= new Agent({ headersTimeout: 0, bodyTimeout: 0 });
  const { method, headers, body, redirect, signal } = request;
  const init = { method, headers: [...headers], body, redirect, signal, dispatcher: patient, ...(body && { duplex: 'half' }) };
  try {
    return (await fetch(request.url, init as Parameters<typeof fetch>[1])) as unknown as Response;
  } catch (error) {
    if (signal.aborted) throw error;
    throw unreachable(url, error);
  }
}

function unreachable(url: string, error: unknown): CliError {
  const cause = (error as { cause?: NodeJS.ErrnoException }).cause;
  const why = cause?.code ?? cause?.message ?? String(error);
  if (/CERT|ISSUER|SIGNATURE|SELF_SIGNED/.test(cause?.code ?? ''))
    return new CliError(
      'host-unreachable',
      `The certificate of the host at ${url} is not trusted (${why}). Name a file of who signed it in NODE_EXTRA_CA_CERTS, and the host as its certificate does.`,
      error,
    );
  const local = isLocal(url) ? 'Start one with `npm start` or `brink serve`' : 'See whether it runs';
  return new CliError(
    'host-unreachable',
    `There is no answer from a host at ${url} (${why}). ${local}, or name another with --host or BRINK_HOST.`,
    error,
  );
}
