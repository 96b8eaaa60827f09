import { describe, expect, it } from 'vitest';
import { claimRoutes, releaseRoutes, restoreRoutes } from '../../host/registry/routes.ts';

const route = (pattern: string, alias = 'live') => ({ pattern, strip: false, alias });
const claimed = (name: string, ...patterns: string[]) =>
  claimRoutes(
    [],
    name,
    patterns.map((pattern) => route(pattern)),
  );

describe('claimRoutes()', () => {
  it('puts a function in the place of its earlier routes', () => {
    const table = [...claimed('a', 'h/old', 'h/kept'), ...claimed('b', 'h/b')];
    expect(claimRoutes(table, 'a', [route('h/kept'), route('h/new')])).toEqual([
      ...claimed('b', 'h/b'),
      ...claimed('a', 'h/kept', 'h/new'),
    ]);
  });

  it('refuses a pattern that another function has, and names it', () => {
    expect(() => claimRoutes(claimed('b', 'h/x'), 'a', [route('h/y'), route('h/x')])).toThrow(
      expect.objectContaining({ code: 'route-conflict', details: { pattern: 'h/x', function: 'b' } }),
    );
  });

  it('returns the table itself where nothing changes', () => {
    const table = [...claimed('b', 'h/b'), ...claimed('a', 'h/1', 'h/2')];
    expect(claimRoutes(table, 'a', [route('h/1'), route('h/2')])).toBe(table);
    expect(claimRoutes(table, 'c', [])).toBe(table);
  });

  it('sees a changed alias or strip as a change', () => {
    const table = claimed('a', 'h/1');
    expect(claimRoutes(table, 'a', [route('h/1', 'staging')])).toEqual([{ ...route('h/1', 'staging'), function: 'a' }]);
    expect(claimRoutes(table, 'a', [{ ...route('h/1'), strip: true }])).toEqual([{ ...route('h/1'), strip: true, function: 'a' }]);
  });
});

describe('releaseRoutes()', () => {
  it("takes a function's routes and leaves the others", () => {
    expect(releaseRoutes([...claimed('a', 'h/1', 'h/2'), ...claimed('b', 'h/b')], 'a')).toEqual(claimed('b', 'h/b'));
  });

  it('returns the table itself where the function has none', () => {
    const table = claimed('b', 'h/b');
    expect(releaseRoutes(table, 'a')).toBe(table);
  });
});

describe('restoreRoutes()', () => {
  it('puts back what a function had before', () => {
    const earlier = [...claimed('a', 'h/1'), ...claimed('b', 'h/b')];
    const now = claimRoutes(earlier, 'a', [route('h/2')]);
    expect(new Set(restoreRoutes(now, 'a', earlier))).toEqual(new Set(earlier));
  });

  it('gives nobody a route that another function has claimed since', () => {
    const earlier = claimed('a', 'h/1', 'h/2');
    const now = claimRoutes(claimRoutes(earlier, 'a', []), 'b', [route('h/1')]);
    expect(restoreRoutes(now, 'a', earlier)).toEqual([...claimed('b', 'h/1'), ...claimed('a', 'h/2')]);
  });
});
