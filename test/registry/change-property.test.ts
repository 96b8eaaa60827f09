import fc from 'fast-check';
import { expect, it } from 'vitest';
import { BrinkError } from '../../host/errors.ts';
import { addVersion, moveAlias, removeAlias, removeVersion, rollbackAlias } from '../../host/registry/change.ts';
import { MAX_HISTORY, type FunctionRecord } from '../../host/registry/record.ts';
import { checkWeights } from '../../host/registry/weights.ts';
import { entry, recordWith } from './record-cases.ts';

type Change = (record: FunctionRecord) => FunctionRecord;

const alias = fc.constantFrom('live', 'staging', 'constructor');
const version = fc.integer({ min: 1, max: 8 });
const ifRevision = fc.option(fc.integer({ min: 0, max: 6 }), { nil: undefined });
const targets = fc
  .uniqueArray(version, { minLength: 1, maxLength: 4 })
  .map((versions) => versions.map((each, index) => ({ version: each, weight: index === 0 ? 100 - 10 * (versions.length - 1) : 10 })));

const change: fc.Arbitrary<[string, Change]> = fc.oneof(
  fc
    .constantFrom('a', 'b', 'c', 'd', 'e', 'f')
    .map((digest): [string, Change] => [`add ${digest}`, (record) => addVersion(record, entry(digest))]),
  fc
    .tuple(alias, targets, ifRevision)
    .map(([name, versions, revision]): [string, Change] => [
      `move ${name} to ${JSON.stringify(versions)} if ${revision}`,
      (record) => moveAlias(record, name, { versions, ...(revision !== undefined && { ifRevision: revision }) }, 1),
    ]),
  fc
    .tuple(alias, ifRevision)
    .map(([name, revision]): [string, Change] => [
      `roll ${name} back if ${revision}`,
      (record) => rollbackAlias(record, name, 1, revision),
    ]),
  fc
    .tuple(alias, ifRevision)
    .map(([name, revision]): [string, Change] => [`remove ${name} if ${revision}`, (record) => removeAlias(record, name, revision)]),
  version.map((number): [string, Change] => [`remove ${number}`, (record) => removeVersion(record, number)]),
);

it('any sequence of changes keeps a record whole', () => {
  let applied = 0;
  fc.assert(
    fc.property(fc.array(change, { minLength: 20, maxLength: 40 }), (changes) => {
      let record = recordWith('a', 'b', 'c');
      for (const [, apply] of changes) {
        const before = record;
        const text = JSON.stringify(before);
        try {
          record = apply(before);
          applied++;
        } catch (error) {
          if (!(error instanceof BrinkError)) throw error;
        }
        expect(JSON.stringify(before)).toBe(text);
        checkWhole(record);
        checkStep(before, record);
      }
    }),
    { numRuns: 300 },
  );
  expect(applied).toBeGreaterThan(1_000);
});

function checkWhole(record: FunctionRecord): void {
  const numbers = record.versions.map(({ number }) => number);
  expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
  expect(new Set(numbers).size).toBe(numbers.length);
  expect(new Set(record.versions.map(({ digest }) => digest)).size).toBe(numbers.length);
  for (const number of numbers) expect(number).toBeLessThan(record.nextVersion);
  for (const { versions, revision, history } of Object.values(record.aliases)) {
    checkWeights(versions);
    for (const { version: named } of versions) expect(numbers).toContain(named);
    expect(history.length).toBeLessThanOrEqual(MAX_HISTORY);
    const revisions = [revision, ...history.map((move) => move.revision)];
    expect(revisions).toEqual(revisions.toSorted((a, b) => b - a));
  }
}

/** Numbers and revisions only grow, and what stays is not renumbered. */
function checkStep(before: FunctionRecord, after: FunctionRecord): void {
  expect(after.nextVersion).toBeGreaterThanOrEqual(before.nextVersion);
  for (const { number, digest } of after.versions) {
    const earlier = before.versions.find((each) => each.number === number);
    if (earlier) expect(digest).toBe(earlier.digest);
    else expect(number).toBe(before.nextVersion);
  }
  for (const [name, now] of Object.entries(after.aliases)) {
    const earlier = Object.hasOwn(before.aliases, name) ? before.aliases[name]! : undefined;
    if (earlier !== now) expect(now.revision).toBe((earlier?.revision ?? 0) + 1);
  }
}
