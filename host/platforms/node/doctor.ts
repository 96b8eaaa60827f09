import { once } from 'node:events';
import { accessSync, constants, existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import process from 'node:process';
import { BrinkError } from '../../errors.ts';
import { openSql } from './sql.ts';

/** What a check saw, and what can be done about it. */
export interface Finding {
  readonly check: string;
  readonly status: 'ok' | 'warn' | 'fail';
  readonly message: string;
  /** The way out; where there is nothing to do, it is not there. */
  readonly way?: string;
}

export interface MachineOptions {
  readonly hostname: string;
  readonly port: number;
  readonly state: string;
  /** Whether the state lies in NATS, and the directory holds what is this host's alone. */
  readonly shared: boolean;
}

const LEAST_NODE = 26;

/** Looks at what a host on this machine needs, and changes nothing. */
export async function checkMachine({ hostname, port, state, shared }: MachineOptions): Promise<Finding[]> {
  return [checkNode(), checkDirectory(state), ...(shared ? [] : checkSqlite(state)), await checkPort(hostname, port)];
}

function checkNode(): Finding {
  const version = process.versions.node;
  if (Number(version.split('.')[0]) >= LEAST_NODE) return { check: 'node', status: 'ok', message: `Node ${version}` };
  return {
    check: 'node',
    status: 'fail',
    message: `Node ${version} is too old`,
    way: `Install Node ${LEAST_NODE} or newer from https://nodejs.org.`,
  };
}

function checkDirectory(state: string): Finding {
  // One that is not there is made when a host starts.
  let path = resolve(state);
  while (!existsSync(path)) path = dirname(path);
  try {
    accessSync(path, constants.W_OK | constants.X_OK);
    const message = existsSync(state) ? `${state} can be written` : `${state} is not there yet, and can be made`;
    return { check: 'state directory', status: 'ok', message };
  } catch {
    const way = 'Give this user the right to write there, or choose another directory with --state DIR.';
    return { check: 'state directory', status: 'fail', message: `${path} cannot be written`, way };
  }
}

function checkSqlite(state: string): Finding[] {
  const path = join(state, 'state.sqlite');
  if (!existsSync(path)) return [];
  try {
    openSql(path).close();
    return [{ check: 'state', status: 'ok', message: `${path} opens; a power cut loses nothing that was acknowledged` }];
  } catch (error) {
    if (!(error instanceof BrinkError)) throw error;
    if (error.code === 'state-in-use') return [{ check: 'state', status: 'ok', message: `${path} is in use by a host` }];
    const way = 'See that the file is whole and that this user may write it, or bring back a copy.';
    return [{ check: 'state', status: 'fail', message: error.message, way }];
  }
}

async function checkPort(hostname: string, port: number): Promise<Finding> {
  const server = createServer();
  try {
    server.listen(port, hostname);
    await once(server, 'listening');
    return { check: 'port', status: 'ok', message: `${hostname}:${port} is free` };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== 'EADDRINUSE') {
      return {
        check: 'port',
        status: 'fail',
        message: `Nothing can listen at ${hostname}:${port}: ${message}`,
        way: 'Choose another with --port or --hostname.',
      };
    }
    return {
      check: 'port',
      status: 'warn',
      message: `${hostname}:${port} is taken`,
      way: 'If it is not a host of yours that listens there, choose another with --port.',
    };
  } finally {
    server.close();
  }
}
