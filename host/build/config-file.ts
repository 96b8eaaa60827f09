import { readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { parse as parseJsonc, printParseErrorCode, type ParseError } from 'jsonc-parser';
import { parse as parseToml, TomlError } from 'smol-toml';
import { BrinkError } from '../errors.ts';
import { codeFrame } from './frame.ts';

/** In the order in which they are looked for: a `brink.toml` stands before what wrangler reads. */
export const CONFIG_FILES = ['brink.toml', 'wrangler.json', 'wrangler.jsonc', 'wrangler.toml'] as const;

/** The path of a folder's config, or null where it has none. */
export async function findConfigFile(dir: string): Promise<string | null> {
  for (const name of CONFIG_FILES) {
    if (await isFile(join(dir, name))) return join(dir, name);
  }
  return null;
}

/** @throws {BrinkError} `config-invalid` with the place of a syntax error */
export async function readConfigFile(path: string): Promise<Record<string, unknown>> {
  const file = basename(path);
  let text: string;
  try {
    text = (await readFile(path, 'utf8')).replace(/^\uFEFF/, '');
  } catch (cause) {
    throw new BrinkError('config-invalid', `${file} cannot be read. Check that it is a file, and its permissions.`, {
      cause,
      details: { file },
    });
  }
  const value = file.endsWith('.toml') ? readToml(text, file) : readJson(text, file);
  if (value !== null && typeof value === 'object' && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new BrinkError(
    'config-invalid',
    `${file} must hold an object of keys, such as { "name": "my-function", "main": "src/index.ts" }.`,
    { details: { file } },
  );
}

export async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}

function readToml(text: string, file: string): unknown {
  try {
    return parseToml(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const why = error.message.split('\n')[0]!.replace(/^Invalid TOML document: /, '');
    throw syntaxError(file, text, error.line, error.column, why);
  }
}

/** JSON with comments and trailing commas, as wrangler takes it in both of its JSON files. */
function readJson(text: string, file: string): unknown {
  const errors: ParseError[] = [];
  const value: unknown = parseJsonc(text, errors, { allowTrailingComma: true });
  const [first] = errors;
  if (first === undefined) return value;
  const before = text.slice(0, first.offset).split('\n');
  const why = printParseErrorCode(first.error)
    .replace(/(?<=[a-z])(?=[A-Z])/g, ' ')
    .toLowerCase();
  throw syntaxError(file, text, before.length, before.at(-1)!.length + 1, why);
}

function syntaxError(file: string, text: string, line: number, column: number, why: string): BrinkError {
  const frame = codeFrame(text, line, column);
  return new BrinkError(
    'config-invalid',
    `${file}:${line}:${column} is not ${file.endsWith('.toml') ? 'TOML' : 'JSON'}: ${why}.\n\n${frame}`,
    {
      details: { file, line, column, frame },
    },
  );
}
