import { readFileSync } from 'node:fs';
import { extname, resolve } from 'node:path';
import type { Location, Message } from 'esbuild';
import { BrinkError } from '../errors.ts';
import type { Config } from './config.ts';
import { codeFrame } from './frame.ts';
import { nodeModuleOf } from './node-builtins.ts';
import { relativePath, stablePath } from './stable-paths.ts';

interface Place {
  readonly file: string;
  /** The first is 1. */
  readonly line: number;
  /** In UTF-16 units, the first is 1. */
  readonly column: number;
}

const MAX_ERRORS = 20;
/** Functions of AWS Lambda import these without having them in their package.json. */
const AWS_SDK = /^(?:aws-sdk|@aws-sdk\/[^/]+|@smithy\/[^/]+)(?:\/|$)/;

/** What the bundler refuses, with the author's place and a frame, and without the bundler. */
export function buildFailed(config: Config, messages: readonly Message[], cause: unknown): BrinkError {
  const errors = messages
    .slice(0, MAX_ERRORS)
    .map((message) => ({ message: textOf(message, config), ...placeOf(message.location, config) }));
  const location = messages[0]?.location ?? null;
  const place = placeOf(location, config);
  const frame = location === null ? undefined : frameOf(location, config);
  const more = messages.length > 1 ? `\n\n${messages.length - 1} more error${messages.length > 2 ? 's' : ''}.` : '';
  // What names no source is about the settings: define, alias, tsconfig.
  const where = place !== null ? `${formatPlace(place)}: ` : config.file !== null ? `${config.file}: ` : '';
  return new BrinkError(
    'build-failed',
    `${where}${errors[0]?.message ?? 'The bundler gave no reason.'}${frame === undefined ? '' : `\n\n${frame}`}${more}`,
    {
      cause,
      details: { ...place, ...(frame !== undefined && { frame }), errors },
    },
  );
}

export function warningText(message: Message, config: Config): string {
  const place = placeOf(message.location, config);
  return `${place === null ? '' : `${formatPlace(place)}: `}${textOf(message, config)}`;
}

function textOf({ text }: Message, config: Config): string {
  const file = config.file ?? 'a brink.toml';
  const [, specifier] = /^Could not resolve "(.*)"$/.exec(text) ?? [];
  if (specifier !== undefined && nodeModuleOf(specifier) !== null) {
    return `"${specifier}" is a module of Node. Add compatibility_flags = ["nodejs_compat"] to ${file}, if the platform is to have it.`;
  }
  if (specifier !== undefined && AWS_SDK.test(specifier))
    return `"${specifier}" is part of AWS Lambda's own runtime, and not of Brink. Install it: npm install ${packageOf(specifier)}.`;
  if (specifier !== undefined && !/^[./#]/.test(specifier))
    return `The package of "${specifier}" cannot be found. Is it in package.json, and installed with \`npm install\`?`;
  if (specifier !== undefined) return `The import "${specifier}" cannot be found.`;
  const [, extension] = /^No loader is configured for "(.*)" files/.exec(text) ?? [];
  if (extension !== undefined)
    return `No rule says what "${extension}" files are. Add one to ${file}: [[rules]] type = "Text" (or "Data"), globs = ["**/*${extension}"].`;
  return /[.?!]$/.test(text) ? text : `${text}.`;
}

function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

function placeOf(location: Location | null, config: Config): Place | null {
  if (location === null || location.file === '') return null;
  return {
    file: stablePath(relativePath(config.dir, resolve(config.dir, location.file))),
    line: location.line,
    column: columnOf(location),
  };
}

/** esbuild counts columns in bytes of UTF-8, from 0. */
function columnOf({ lineText, column }: Location): number {
  return new TextDecoder().decode(new TextEncoder().encode(lineText).subarray(0, column)).length + 1;
}

function frameOf(location: Location, config: Config): string {
  const text = sourceOf(location, config);
  const column = columnOf(location);
  if (text === null) return codeFrame(location.lineText, 1, column, location.length).replace(/^> 1/, `> ${location.line}`);
  return codeFrame(text, location.line, column, location.length);
}

/** The file, if it still has the line that esbuild saw. */
function sourceOf({ file, line, lineText }: Location, config: Config): string | null {
  try {
    const text = extname(file) === '' ? '' : readFileSync(resolve(config.dir, file), 'utf8');
    return text.split(/\r?\n/)[line - 1] === lineText ? text : null;
  } catch {
    return null;
  }
}

function formatPlace({ file, line, column }: Place): string {
  return `${file}:${line}:${column}`;
}
