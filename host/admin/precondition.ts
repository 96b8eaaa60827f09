import { BrinkError } from '../errors.ts';
import { aliasByName } from '../registry/change.ts';
import type { FunctionRecord } from '../registry/record.ts';

/** The entity tag of an alias is its revision. RFC 9110, section 8.8.3. */
export function entityTag(revision: number): string {
  return `"${revision}"`;
}

/**
 * The revision that a change asks for: `If-None-Match: *` wants no alias yet (0), `If-Match` the one it was read at;
 * undefined without either. RFC 9110, sections 13.1.1 and 13.1.2.
 *
 * @throws {BrinkError} `bad-request`, `alias-not-found` for `If-Match: *`
 */
export function wantedRevision(headers: Headers, record: FunctionRecord | null, alias: string): number | undefined {
  const none = headers.get('if-none-match')?.trim();
  if (none !== undefined && none !== '*') throw unreadable('If-None-Match', none);
  if (none === '*') return 0;
  const match = headers.get('if-match')?.trim();
  if (match === undefined) return undefined;
  const current = record && Object.hasOwn(record.aliases, alias) ? record.aliases[alias]!.revision : 0;
  if (match === '*') return record === null ? undefined : aliasByName(record, alias).revision;
  const wanted = match.split(',').map((tag) => /^"(\d{1,15})"$/.exec(tag.trim())?.[1]);
  if (wanted.includes(undefined)) throw unreadable('If-Match', match);
  return wanted.map(Number).includes(current) ? current : Number(wanted[0]);
}

/** The revision that a change of a release or of rules asks for; undefined where it takes any. @throws {BrinkError} `bad-request` */
export function wantedRelease(headers: Headers): number | undefined {
  const match = headers.get('if-match')?.trim();
  if (match === undefined || match === '*') return undefined;
  const revision = /^"(\d{1,15})"$/.exec(match)?.[1];
  if (revision === undefined) throw unreadable('If-Match', match);
  return Number(revision);
}

/** The revision of gateway rules that a change asks for; 0: there must never have been any. @throws {BrinkError} `bad-request` */
export function wantedRules(headers: Headers): number | undefined {
  const none = headers.get('if-none-match')?.trim();
  if (none === '*') return 0;
  if (none !== undefined) throw unreadable('If-None-Match', none);
  return wantedRelease(headers);
}

function unreadable(name: string, value: string): BrinkError {
  const form = name === 'If-Match' ? 'the ETag that it was read with, such as "3" with its quotes' : 'only *';
  return new BrinkError('bad-request', `${name}: ${value.slice(0, 100)} cannot be used here; it takes ${form}.`, {
    details: { in: 'header', path: name.toLowerCase() },
  });
}
