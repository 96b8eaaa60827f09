import { readFileSync } from 'node:fs';
import process from 'node:process';
import { parseEnv } from 'node:util';
import { CliError, usage } from './failure.ts';
import { askHidden } from './hidden-prompt.ts';
import type { Output } from './output.ts';
import { readStdin } from './stdin.ts';

/**
 * A secret's value: from a pipe or a file, without the line break at its end; else asked for on the terminal.
 *
 * @throws {CliError} `usage`, `failed`
 */
export async function readSecret(question: string, output: Output): Promise<string> {
  if (process.stdin.isTTY) {
    if (!output.interactive)
      throw usage('There is no terminal to ask at. Send the value to standard input: printf %s "$VALUE" | brink secret put …');
    return askHidden(question, { input: process.stdin, output: process.stderr });
  }
  const value = (await textOfStdin()).replace(/\r?\n$/, '');
  if (value === '') throw new CliError('failed', 'Standard input was empty; nothing was set.');
  return value;
}

/**
 * Names and values: a JSON object, in which null takes a secret away, or lines of NAME=VALUE.
 *
 * @param file null: standard input
 * @throws {CliError} `failed`; what was read is not shown
 */
export async function readSecrets(file: string | null): Promise<Record<string, string | null>> {
  const text = file === null ? await textOfStdin() : fileText(file);
  const secrets = text.trimStart().startsWith('{') ? objectOf(text) : (parseEnv(text) as Record<string, string>);
  if (Object.keys(secrets).length > 0) return secrets;
  throw new CliError('failed', `There are no secrets in ${file ?? 'standard input'}. It takes {"NAME": "value"}, or lines of NAME=value.`);
}

/** What JSON.parse says of text that is none shows some of it. */
function objectOf(text: string): Record<string, string | null> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new CliError('failed', 'What begins as a JSON object is none; nothing was set.');
  }
  for (const [name, secret] of Object.entries(value as Record<string, unknown>)) {
    if (typeof secret !== 'string' && secret !== null)
      throw new CliError('failed', `The value of ${name} is neither a string nor null; nothing was set.`);
  }
  return value as Record<string, string | null>;
}

async function textOfStdin(): Promise<string> {
  const bytes = (await readStdin({ wanted: true, method: undefined })) ?? new Uint8Array();
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new CliError('failed', 'Standard input is not UTF-8; nothing was set. Encode bytes, as base64 say.');
  }
}

function fileText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new CliError('failed', `${file} cannot be read: ${(cause as NodeJS.ErrnoException).code ?? 'no reason is known'}.`, cause);
  }
}
