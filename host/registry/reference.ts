import { BrinkError } from '../errors.ts';
import type { FunctionRecord, VersionEntry } from './record.ts';

const NUMBER = /^[1-9]\d{0,8}$/;
const DIGEST_PREFIX = /^[0-9a-f]{8,64}$/;

/**
 * The version that a number, or the first 8 or more digits of a digest, name; `undefined` where the text can only be
 * an alias. Text that is both is a number if there is such a version.
 *
 * @throws {BrinkError} `version-not-found`, `bad-request` where several digests begin so
 */
export function versionByReference(record: FunctionRecord, reference: string): VersionEntry | undefined {
  const number = NUMBER.test(reference) ? Number(reference) : undefined;
  const numbered = record.versions.find((version) => version.number === number);
  if (numbered) return numbered;
  const matching = DIGEST_PREFIX.test(reference) ? record.versions.filter(({ digest }) => digest.startsWith(reference)) : [];
  if (matching.length > 1) {
    throw new BrinkError('bad-request', `${matching.length} versions of ${record.name} begin with ${reference}. Give more digits.`);
  }
  if (matching.length === 1) return matching[0];
  if (!readsAsVersion(reference)) return undefined;
  throw new BrinkError(
    'version-not-found',
    `${record.name} has no version ${reference}. \`brink inspect ${record.name}\` lists what it has.`,
    {
      details: { function: record.name, version: number ?? reference },
    },
  );
}

/** Whether a name would read as a version, so that it cannot be an alias. */
export function readsAsVersion(name: string): boolean {
  return /^\d+$/.test(name) || DIGEST_PREFIX.test(name);
}
