import { describe, expect, it } from 'vitest';
import { newlyNamed, warmthOf } from '../../host/registry/readiness.ts';
import type { ReleaseRecord } from '../../host/registry/release-record.ts';
import type { AliasRecord, FunctionRecord, VersionEntry } from '../../host/registry/record.ts';

function version(number: number, minCells?: number): VersionEntry {
  const entry = { number, digest: '', artifact: '', createdAt: 0, tag: null, size: 0, handlers: [], crons: [] };
  return minCells === undefined ? entry : { ...entry, minCells };
}

function alias(weights: Record<number, number>, warm?: number): AliasRecord {
  const versions = Object.entries(weights).map(([number, weight]) => ({ version: Number(number), weight }));
  return { versions, sticky: null, revision: 1, movedAt: 0, history: [], ...(warm !== undefined && { warm }) };
}

const record = (versions: VersionEntry[], aliases: Record<string, AliasRecord>): FunctionRecord => {
  return { name: 'fn', versions, nextVersion: 9, aliases };
};

describe('warmthOf()', () => {
  it.each<[string, FunctionRecord, [number, number][]]>([
    ['nothing', record([version(1)], { live: alias({ 1: 100 }) }), []],
    ['what an alias asks for', record([version(1)], { live: alias({ 1: 100 }, 3) }), [[1, 3]]],
    ['its cells by weight, at least one each', record([version(1), version(2)], { live: alias({ 1: 95, 2: 5 }, 4) }), [[1, 4], [2, 1]]],
    ['what a version asks for, while an alias names it', record([version(1, 2), version(2, 2)], { live: alias({ 2: 100 }) }), [[2, 2]]],
    ['the most of several', record([version(1, 2)], { live: alias({ 1: 100 }, 1), beta: alias({ 1: 100 }, 5) }), [[1, 5]]],
  ])('gives %s', (_what, given, expected) => expect([...warmthOf(given)]).toEqual(expected)); // prettier-ignore
});

it('warmthOf() gives both versions of a release that is under way a cell, also where no alias names one of them', () => {
  const given = record([version(1), version(2)], { live: alias({ 2: 100 }) });
  const release = { from: 1, to: 2, state: 'running' } as ReleaseRecord;
  expect([...warmthOf({ ...given, releases: [release] })]).toEqual([
    [1, 1],
    [2, 1],
  ]);
  expect([...warmthOf({ ...given, releases: [{ ...release, state: 'done' }] })]).toEqual([]);
});

describe('newlyNamed()', () => {
  it('gives the versions that the alias does not name now', () => {
    const given = record([version(1), version(2), version(3)], { live: alias({ 1: 50, 2: 50 }) });
    const target = { versions: [2, 3].map((number) => ({ version: number, weight: 50 })) };
    expect(newlyNamed(given, 'live', target).map(({ number }) => number)).toEqual([3]);
    expect(newlyNamed(given, 'beta', target).map(({ number }) => number)).toEqual([2, 3]);
  });
});
