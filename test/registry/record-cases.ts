import { addVersion, newRecord } from '../../host/registry/change.ts';
import type { FunctionRecord, VersionEntry } from '../../host/registry/record.ts';

/** A version whose digest begins with `digits`. */
export function entry(digits: string): Omit<VersionEntry, 'number'> {
  const digest = digits.padEnd(64, '0');
  return { digest, artifact: `${digest}-key`, createdAt: 1, tag: null, size: 10, handlers: ['fetch'], crons: [] };
}

export function recordWith(...digests: string[]): FunctionRecord {
  return digests.map(entry).reduce(addVersion, newRecord('shop'));
}
