import type { z } from 'zod';
import { BrinkError } from '../errors.ts';
import { formatPath } from './manifest-json.ts';
import { knownKeys } from './manifest-schema.ts';
import { UNSUPPORTED_KEYS } from './manifest-unsupported.ts';
import { nearest } from './nearest.ts';

/** @param key where it stands, as `triggers.crons[1]`; empty for all of it */
export function invalidManifest(key: string, why: string, place: string | undefined): BrinkError {
  const subject = key === '' ? 'the manifest' : key;
  return new BrinkError('manifest-invalid', `${inFile(place)}${subject} ${why}.`, { details: withFile({ key }, place) });
}

/** @param known the keys that could have been meant */
export function unknownKey(key: string, known: Iterable<string>, place: string | undefined, parent = ''): BrinkError {
  const candidates = [...known];
  const near = nearest(key, candidates);
  const path = formatPath(parent === '' ? [key] : [parent, key]).replace(/^"([^"]*)"/, '$1');
  const wayOut =
    near !== null
      ? `Did you mean "${near}"?`
      : candidates.length <= 12
        ? `Known here: ${candidates.join(', ')}.`
        : 'Remove it, or check its spelling.';
  return new BrinkError('manifest-unknown-key', `${inFile(place)}the key ${path} is not known. ${wayOut}`, {
    details: withFile({ key: path, nearest: near }, place),
  });
}

/** The first thing that the schema refuses; an unknown key before others, as it is often why they are missing. */
export function unreadManifest(issues: readonly z.core.$ZodIssue[], place: string | undefined): BrinkError {
  const issue = issues.find(({ code }) => code === 'unrecognized_keys') ?? issues[0]!;
  if (issue.code === 'unrecognized_keys') {
    const top = issue.path.length === 0;
    const known = top ? [...knownKeys(issue.path), ...Object.keys(UNSUPPORTED_KEYS)] : knownKeys(issue.path);
    return unknownKey(issue.keys[0]!, known, place, formatPath(issue.path));
  }
  const why = issue.code === 'invalid_key' ? 'has a name of no or more than 128 characters' : issue.message;
  return invalidManifest(formatPath(issue.path), why, place);
}

function inFile(place: string | undefined): string {
  return place === undefined ? 'In the manifest, ' : `${place}: `;
}

function withFile(details: Record<string, unknown>, place: string | undefined): Record<string, unknown> {
  return place === undefined ? details : { ...details, file: place };
}
