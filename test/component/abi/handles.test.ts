import { describe, expect, it } from 'vitest';
import { HandleTable, ResourceHandle } from '../../../host/component/abi/handles.ts';
import { Trap } from '../../../host/component/trap.ts';
import { FakeGuest } from './fake-guest.ts';
import { typesOf, type Type } from './types.ts';

describe('a handle table', () => {
  it('gives the last freed index first, and never 0', () => {
    const table = new HandleTable<string>();
    expect(['a', 'b', 'c'].map((entry) => table.add(entry))).toEqual([1, 2, 3]);
    expect([table.remove(1), table.remove(3)]).toEqual(['a', 'c']);
    expect(['d', 'e', 'f'].map((entry) => table.add(entry))).toEqual([3, 1, 4]);
    expect(table.size).toBe(4);
  });

  it.each([0, 2, 99, -1, 2 ** 28])('index %i traps where it is not in use', (index) => {
    const table = new HandleTable();
    table.add('a');
    table.add('b');
    table.remove(2);
    expect(() => table.get(index)).toThrow(Trap);
    expect(() => table.remove(index)).toThrow(/^Handle \d+ is not in use\.$/);
    expect(table.size).toBe(1);
  });

  it('holds no more than its limit', () => {
    const table = new HandleTable(2);
    table.add('a');
    table.add('b');
    expect(() => table.add('c')).toThrow(/more than 2 handles/);
    table.remove(1);
    expect(table.add('c')).toBe(1);
  });

  it('restore() puts it back to the snapshot, and forgets lends', () => {
    const table = new HandleTable();
    const kept = new ResourceHandle(0, {}, true, null);
    table.add(kept);
    table.add('gone');
    table.add('hole');
    table.remove(3);
    table.snapshot();
    for (let round = 0; round < 3; round += 1) {
      kept.lends = 1;
      table.remove(2);
      expect([table.add('new'), table.add('newer'), table.add('newest')]).toEqual([2, 3, 4]);
      expect(table.added()).toEqual(['new', 'newer', 'newest']);
      table.restore();
      expect([table.size, table.get(1), table.get(2), kept.lends]).toEqual([2, kept, 'gone', 0]);
      expect(() => table.get(3)).toThrow(Trap);
      expect(table.added()).toEqual([]);
    }
    expect(table.add('next')).toBe(3);
  });

  it('restore() without a snapshot empties it', () => {
    const table = new HandleTable();
    table.add('a');
    expect(table.added()).toEqual(['a']);
    table.restore();
    expect([table.size, table.add('b')]).toEqual([0, 1]);
  });
});

describe('resources', () => {
  const thing = { id: 'thing' };

  it('own moves the resource of the host', () => {
    const { guest, codec } = make({ kind: 'own', resource: 0 });
    const flat: number[] = [];
    codec.lower(thing, flat, 0);
    expect(guest.handles.get(flat[0]!)).toEqual(new ResourceHandle(0, thing, true, null));
    expect(codec.lift(flat, 0)).toBe(thing);
    expect(guest.handles.size).toBe(0);
  });

  it('own of a guest is a GuestResource to others', () => {
    const { guest, codec } = make({ kind: 'own', resource: 1 });
    const index = guest.handles.add(new ResourceHandle(1, 77, true, null));
    const given = codec.lift([index], 0);
    expect(given).toEqual({ resource: 1, rep: 77 });
    const flat: number[] = [];
    codec.lower(given, flat, 0);
    expect(guest.handles.get(flat[0]!)).toEqual(new ResourceHandle(1, 77, true, null));
  });

  it('a lifted borrow is lent until the end of the call, and can be lent again', () => {
    const { guest, codec } = make({ kind: 'borrow', resource: 0 });
    for (const own of [true, false]) {
      const handle = new ResourceHandle(0, thing, own, null);
      const index = guest.handles.add(handle);
      expect([codec.lift([index], 0), codec.lift([index], 0)]).toEqual([thing, thing]);
      expect([guest.scope.lent.splice(0), handle.lends]).toEqual([[handle, handle], 2]);
    }
  });

  it('a lowered borrow belongs to the task', () => {
    for (const [resource, value, rep] of [
      [0, thing, thing],
      [2, { resource: 2, rep: 5 }, 5],
    ] as const) {
      const { guest, codec } = make({ kind: 'borrow', resource });
      const flat: number[] = [];
      codec.lower(value, flat, 0);
      expect(guest.handles.get(flat[0]!)).toEqual(new ResourceHandle(resource, rep, false, guest.scope));
      expect(guest.scope.borrows).toBe(1);
    }
  });

  it('a borrow lowered into the component that defines the resource is the representation', () => {
    const { guest, codec } = make({ kind: 'borrow', resource: 1 });
    const flat: number[] = [];
    codec.lower({ resource: 1, rep: 5 }, flat, 0);
    expect([flat, guest.handles.size, guest.scope.borrows]).toEqual([[5], 0, 0]);
  });
});

function make(type: Type) {
  const { types, index } = typesOf(type);
  const guest = new FakeGuest(types);
  return { guest, codec: guest.codecs(index) };
}
