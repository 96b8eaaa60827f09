import process from 'node:process';
import { CommanderError } from 'commander';
import type { ApiComparisonResult } from '../admin/schemas/openapi.ts';
import { BrinkError } from '../errors.ts';
import { someText } from './api-changes.ts';

/** What the CLI itself refuses; everything else is a `BrinkError`. */
export class CliError extends Error {
  readonly code: 'usage' | 'host-unreachable' | 'failed';

  constructor(code: CliError['code'], message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'CliError';
    this.code = code;
  }
}

export function usage(message: string): CliError {
  return new CliError('usage', message);
}

export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly details?: Record<string, unknown>;
}

/** 0 where it was no failure (`--help`), 2 for a command line that was not understood, else 1. */
export function exitStatus(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  return error instanceof CliError && error.code === 'usage' ? 2 : 1;
}

/** One line on stderr, or with `--json` one line of JSON `{"error":{code, message, …}}`. */
export function reportFailure(error: unknown, json: boolean): void {
  if (exitStatus(error) === 0) return;
  const failure = failureOf(error);
  if (json) {
    process.stderr.write(
      `${JSON.stringify({ error: { code: failure.code, message: failure.message, ...(failure.details && { details: failure.details }) } })}\n`,
    );
  } else if (!(error instanceof CommanderError)) {
    // Commander has written its own already.
    process.stderr.write(`${failureText(failure)}\n`);
  }
}

export function failureText({ code, message, details }: Failure): string {
  const frame = typeof details?.['frame'] === 'string' && !message.includes(details['frame']) ? `\n\n${details['frame']}` : '';
  return `error (${code}): ${message}${frame}${code === 'breaking-change' ? `\n${breakingText(details)}` : ''}`;
}

/** What an API's answer says of it; no other host is asked. */
function breakingText(details: Failure['details'] = {}): string {
  const { function: name, from, to, changes } = details as unknown as ApiComparisonResult & { readonly function: string };
  return someText({ name, from, to, changes });
}

export function failureOf(error: unknown): Failure {
  if (error instanceof BrinkError) return { code: error.code, message: error.message, ...(error.details && { details: error.details }) };
  if (error instanceof CliError) return { code: error.code, message: error.message };
  if (error instanceof CommanderError) return { code: 'usage', message: error.message.replace(/^error: /, '') };
  return { code: 'failed', message: error instanceof Error ? error.message : String(error) };
}
