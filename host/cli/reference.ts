import type { AdminClient } from '../admin/client.ts';
import type { Sticky } from '../registry/record.ts';
import { readsAsVersion } from '../registry/reference.ts';
import { usage } from './failure.ts';

/** `fn`, `fn@live`, `fn@3` or `fn@3f2a9c01`. */
export interface FunctionReference {
  readonly name: string;
  /** An alias, a number or a digest; null where none was given. */
  readonly reference: string | null;
}

export interface AliasTargetText {
  readonly alias: string;
  readonly versions: readonly { readonly version: string; readonly weight: number }[];
}

/** @throws {CliError} `usage` */
export function parseReference(text: string): FunctionReference {
  const [name, reference, ...rest] = text.split('@');
  if (!name || reference === '' || rest.length > 0)
    throw usage(`${JSON.stringify(text)} does not name a function. Write fn, fn@alias, fn@3 or fn@digest.`);
  return { name, reference: reference ?? null };
}

/**
 * `live=3`, or `live=3:90,4:10`; a version is a number or the first 8 or more digits of a digest.
 *
 * @throws {CliError} `usage`
 */
export function parseAliasTarget(text: string): AliasTargetText {
  const at = text.indexOf('=');
  const alias = text.slice(0, Math.max(0, at));
  const parts = text.slice(at + 1).split(',');
  if (alias === '' || parts.includes(''))
    throw usage(`${JSON.stringify(text)} is not an alias and its versions. Write live=3 or live=3:90,4:10.`);
  return { alias, versions: parts.map((part) => parseWeighted(part, parts.length === 1)) };
}

/** @throws {CliError} `usage` */
export function parseSticky(text: string): Sticky | null {
  if (text === 'none') return null;
  if (text === 'address') return { by: 'address' };
  const [, by, name] = /^(header|cookie):(.+)$/.exec(text) ?? [];
  if (by === undefined || name === undefined)
    throw usage(`--sticky ${JSON.stringify(text)} is not known. Write header:NAME, cookie:NAME, address or none.`);
  return { by: by as 'header' | 'cookie', name };
}

/** The number of a version that may be given by its digest. */
export async function versionNumber(client: AdminClient, name: string, version: string): Promise<number> {
  return /^\d{1,9}$/.test(version) ? Number(version) : (await client.version(name, version)).number;
}

function parseWeighted(part: string, alone: boolean): AliasTargetText['versions'][number] {
  const [version = '', weight, ...rest] = part.split(':');
  if (!readsAsVersion(version))
    throw usage(`${JSON.stringify(version)} is not a version. Give its number, or the first 8 or more digits of its digest.`);
  if (weight === undefined && alone) return { version, weight: 100 };
  if (weight === undefined) throw usage(`Version ${version} has no weight. With several versions each has one: live=3:90,4:10.`);
  if (rest.length > 0 || !/^\d+(?:\.\d+)?$/.test(weight))
    throw usage(`The weight ${JSON.stringify([weight, ...rest].join(':'))} of version ${version} is not a percent such as 90 or 12.5.`);
  return { version, weight: Number(weight) };
}
