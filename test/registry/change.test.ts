import { describe, expect, it } from 'vitest';
import { addVersion, moveAlias, removeAlias, removeVersion, rollbackAlias } from '../../host/registry/change.ts';
import { MAX_HISTORY, MAX_VERSIONS, type FunctionRecord } from '../../host/registry/record.ts';
import { entry, recordWith } from './record-cases.ts';

const to = (...versions: [number, number][]) => ({ versions: versions.map(([version, weight]) => ({ version, weight })) });
const refused = (change: () => FunctionRecord, code: string, details?: object) =>
  expect(change).toThrow(expect.objectContaining({ code, ...(details && { details: expect.objectContaining(details) as object }) }));
const target = (record: FunctionRecord, alias = 'live') =>
  record.aliases[alias]!.versions.map(({ version, weight }) => `${version}:${weight}`).join();

const record = recordWith('aa', 'bb', 'cc');
const live1 = moveAlias(record, 'live', to([1, 100]), 10);
const live2 = moveAlias(live1, 'live', to([2, 100]), 20);
const live3 = moveAlias(live2, 'live', to([1, 90], [3, 10]), 30);

describe('addVersion()', () => {
  it('numbers versions from 1 on', () => expect(record.versions.map(({ number }) => number)).toEqual([1, 2, 3]));

  it('returns the record itself for a digest that it has', () => expect(addVersion(record, entry('bb'))).toBe(record));

  it('never gives a number twice, also not after the newest version is removed', () => {
    expect(addVersion(removeVersion(record, 3), entry('cc')).versions.at(-1)!.number).toBe(4);
  });

  it('refuses more versions than there may be', () => {
    const full = recordWith(...Array.from({ length: MAX_VERSIONS }, (_, index) => `${index}x`));
    refused(() => addVersion(full, entry('more')), 'version-limit');
    expect(addVersion(full, entry('0x'))).toBe(full);
  });
});

describe('moveAlias()', () => {
  it('makes an alias at revision 1 and counts each move', () => {
    expect([live1, live2, live3].map(({ aliases }) => aliases['live']!.revision)).toEqual([1, 2, 3]);
    expect(live3.aliases['live']!.movedAt).toBe(30);
  });

  it('leaves the record that it was given, and the other aliases, as they were', () => {
    const before = structuredClone(live1);
    const staging = moveAlias(live1, 'staging', to([2, 100]), 11);
    expect(live1).toEqual(before);
    expect(staging.aliases['live']).toBe(live1.aliases['live']);
  });

  it('keeps warm cells where the move does not name them, also back to an earlier target, and drops them for 0', () => {
    const warm = moveAlias(live1, 'live', { ...to([1, 100]), warm: 2 }, 11);
    const kept = moveAlias(warm, 'live', to([2, 100]), 12);
    expect(kept.aliases['live']!.warm).toBe(2);
    expect(rollbackAlias(kept, 'live', 13).aliases['live']!.warm).toBe(2);
    expect(moveAlias(kept, 'live', { ...to([2, 100]), warm: 0 }, 13).aliases['live']).not.toHaveProperty('warm');
  });

  it('keeps sticky where the move does not name it, and drops it for null', () => {
    const sticky = moveAlias(live1, 'live', { ...to([1, 50], [2, 50]), sticky: { by: 'cookie', name: 'group' } }, 11);
    const kept = moveAlias(sticky, 'live', to([2, 100]), 12);
    expect(kept.aliases['live']!.sticky).toEqual({ by: 'cookie', name: 'group' });
    expect(moveAlias(kept, 'live', { ...to([2, 100]), sticky: null }, 13).aliases['live']!.sticky).toBeNull();
  });

  it('keeps the newest of its history', () => {
    let moved = record;
    for (let move = 0; move < MAX_HISTORY + 5; move++) moved = moveAlias(moved, 'live', to([(move % 3) + 1, 100]), move);
    const { history } = moved.aliases['live']!;
    expect(history).toHaveLength(MAX_HISTORY);
    expect(history[0]!.revision).toBe(MAX_HISTORY + 4);
  });

  it.each(['constructor', 'hasownproperty', 'tostring'])('takes %s for a name like any other', (alias) => {
    expect(moveAlias(record, alias, { ...to([1, 100]), ifRevision: 0 }, 1).aliases[alias]!.revision).toBe(1);
    refused(() => rollbackAlias(record, alias, 1), 'alias-not-found');
    refused(() => removeAlias(record, alias), 'alias-not-found');
  });

  it('refuses a version that is not there', () =>
    refused(() => moveAlias(record, 'live', to([9, 100]), 1), 'version-not-found', { version: 9 }));

  it('refuses weights that do not add up', () => refused(() => moveAlias(record, 'live', to([1, 50], [2, 49]), 1), 'weights-invalid'));

  it('refuses a revision that the alias no longer has, and says which it has', () => {
    refused(() => moveAlias(live3, 'live', { ...to([2, 100]), ifRevision: 2 }, 1), 'alias-conflict', { revision: 3 });
    refused(() => moveAlias(live3, 'live', { ...to([2, 100]), ifRevision: 0 }, 1), 'alias-conflict', { revision: 3 });
    refused(() => moveAlias(record, 'live', { ...to([2, 100]), ifRevision: 1 }, 1), 'alias-conflict', { revision: 0 });
  });
});

describe('rollbackAlias()', () => {
  it('goes back one step each time, weights and all, until there is nothing earlier', () => {
    const split = moveAlias(live3, 'live', to([2, 100]), 40);
    const once = rollbackAlias(split, 'live', 50);
    const twice = rollbackAlias(once, 'live', 60);
    const thrice = rollbackAlias(twice, 'live', 70);
    expect([once, twice, thrice].map((each) => target(each))).toEqual(['1:90,3:10', '2:100', '1:100']);
    expect(thrice.aliases['live']).toMatchObject({ revision: 7, movedAt: 70, history: [] });
    refused(() => rollbackAlias(thrice, 'live', 80), 'rollback-unavailable');
  });

  it('brings back how clients were kept on their version', () => {
    const sticky = moveAlias(live1, 'live', { ...to([1, 50], [2, 50]), sticky: { by: 'address' } }, 11);
    const moved = moveAlias(sticky, 'live', { ...to([2, 100]), sticky: null }, 12);
    expect(rollbackAlias(moved, 'live', 13).aliases['live']!.sticky).toEqual({ by: 'address' });
  });

  it('can be followed by a move, and then goes back to where the move began', () => {
    const moved = moveAlias(rollbackAlias(live2, 'live', 30), 'live', to([3, 100]), 40);
    expect(target(rollbackAlias(moved, 'live', 50))).toBe('1:100');
  });

  it('refuses to go back to a version that has been removed', () => {
    refused(() => rollbackAlias(removeVersion(live2, 1), 'live', 30), 'rollback-unavailable');
  });

  it('refuses an old revision and an unknown alias', () => {
    refused(() => rollbackAlias(live2, 'live', 30, 1), 'alias-conflict');
    refused(() => rollbackAlias(live2, 'staging', 30), 'alias-not-found');
  });
});

describe('removeVersion() and removeAlias()', () => {
  it('removeVersion() refuses one that an alias names, whatever its weight', () => {
    refused(() => removeVersion(live3, 3), 'version-in-use', { aliases: ['live'] });
    expect(removeVersion(live3, 2).versions.map(({ number }) => number)).toEqual([1, 3]);
  });

  it('removeVersion() refuses one that is not there', () => refused(() => removeVersion(record, 9), 'version-not-found'));

  it('removeAlias() takes the alias, and then its version can go', () => {
    const without = removeAlias(live1, 'live', 1);
    expect(without.aliases).toEqual({});
    expect(removeVersion(without, 1).versions).toHaveLength(2);
  });

  it('removeAlias() refuses an old revision', () => refused(() => removeAlias(live2, 'live', 1), 'alias-conflict'));
});
