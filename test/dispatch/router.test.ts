import { describe, expect, it, vi } from 'vitest';
import { createRouter } from '../../host/dispatch/router.ts';
import type { ClaimedRoute } from '../../host/registry/routes.ts';

function route(pattern: string, name: string, more: Partial<ClaimedRoute> = {}): ClaimedRoute {
  return { pattern, function: name, strip: false, alias: 'live', ...more };
}

const functionAt = (match: ReturnType<typeof createRouter>, url: string) => match(url)?.function ?? null;

describe('createRouter() without routes', () => {
  const match = createRouter({ routes: [] });

  it.each([
    ['http://h/fn', 'fn', null, 'http://h/'],
    ['http://h/fn/', 'fn', null, 'http://h/'],
    ['http://h/fn?a=/b', 'fn', null, 'http://h/?a=/b'],
    ['http://h/fn/a/b?c', 'fn', null, 'http://h/a/b?c'],
    ['http://h/fn//a', 'fn', null, 'http://h//a'],
    ['http://h/fn@staging/a', 'fn', 'staging', 'http://h/a'],
    ['http://h/fn@3', 'fn', '3', 'http://h/'],
    ['http://h/fn@a@b/', 'fn', 'a@b', 'http://h/'],
    ['http://h:8787/fn/@x', 'fn', null, 'http://h:8787/@x'],
    ['https://[::1]:8787/fn/x', 'fn', null, 'https://[::1]:8787/x'],
    ['https://[::1]/fn/x', 'fn', null, 'https://[::1]/x'],
    ['http://fn.localhost:8787/a?b', 'fn', null, 'http://fn.localhost:8787/a?b'],
    ['http://fn.localhost', 'fn', null, 'http://fn.localhost'],
    ['http://staging--fn.localhost/x', 'fn', 'staging', 'http://staging--fn.localhost/x'],
    ['http://3--a-b.localhost/', 'a-b', '3', 'http://3--a-b.localhost/'],
    ['http://localhost/fn/', 'fn', null, 'http://localhost/'],
    ['http://a.b.localhost/fn/', 'fn', null, 'http://a.b.localhost/'],
    ['http://fn.localhost.example/other/', 'other', null, 'http://fn.localhost.example/'],
  ])('%s leads to %s, %s, %s', (url, name, reference, target) => {
    expect(match(url)).toEqual({ function: name, reference, target, route: null });
  });

  it.each([
    'http://h/',
    'http://h',
    'http://h//',
    'http://h/?fn',
    'http://h/Fn/',
    'http://h/a--b/',
    'http://h/@live/',
    'http://h/fn%40live/',
    'http://h/fn.js',
  ])('%s leads nowhere', (url) => {
    expect(match(url)).toBeNull();
  });
});

describe('createRouter() with a root', () => {
  it('gives every path to it, and leaves host names and routes first', () => {
    const match = createRouter({ routes: [route('a.example/api/*', 'routed')], root: 'root' });
    expect(match('http://h/fn/x?y')).toEqual({ function: 'root', reference: null, target: 'http://h/fn/x?y', route: null });
    expect(functionAt(match, 'http://h/')).toBe('root');
    expect(functionAt(match, 'http://fn.localhost/')).toBe('fn');
    expect(functionAt(match, 'http://a.example/api/x')).toBe('routed');
    expect(functionAt(match, 'http://a.example/')).toBe('root');
  });
});

describe('createRouter() with routes', () => {
  it('takes the most specific one, in whatever order they stand', () => {
    const routes = [
      route('*/p/*', 'any'),
      route('*.example/p/*', 'suffix'),
      route('*.b.example/p/*', 'longer'),
      route('a.b.example/p/*', 'host'),
      route('a.b.example/p/q/*', 'deeper'),
      route('a.b.example/p/q/r', 'exact'),
    ];
    for (const order of [routes, routes.toReversed()]) {
      const match = createRouter({ routes: order });
      const found = ['a.b.example/p/q/r', 'a.b.example/p/q/s', 'a.b.example/p/x', 'x.b.example/p/q/r', 'x.example/p/', 'other/p/'].map(
        (url) => functionAt(match, `http://${url}`),
      );
      expect(found).toEqual(['exact', 'deeper', 'host', 'longer', 'suffix', 'any']);
    }
  });

  it('goes on to a wider host where a narrower one has no route for the path', () => {
    const match = createRouter({
      routes: [route('a.example/only', 'narrow'), route('*.example/wide/*', 'suffix'), route('*/any/*', 'any')],
    });
    expect(functionAt(match, 'http://a.example/wide/x')).toBe('suffix');
    expect(functionAt(match, 'http://a.example/any/x')).toBe('any');
    expect(functionAt(match, 'http://a.example/fn/x')).toBe('fn');
  });

  it('compares whole labels of a host', () => {
    const match = createRouter({ routes: [route('*.example.com/*', 'below')] });
    expect(functionAt(match, 'http://a.example.com/')).toBe('below');
    expect(functionAt(match, 'http://example.com/')).toBeNull();
    expect(functionAt(match, 'http://aexample.com/')).toBeNull();
    expect(functionAt(match, 'http://example.com.evil/')).toBeNull();
  });

  it('knows a host without its port, and the query never', () => {
    const match = createRouter({ routes: [route('a.example/p', 'exact')] });
    expect(functionAt(match, 'http://a.example:8787/p?q=/p')).toBe('exact');
    expect(functionAt(match, 'http://a.example/q?x=/p')).toBe('q');
  });

  it.each([
    ['a.example/api/*', 'http://a.example/api/', 'http://a.example/'],
    ['a.example/api/*', 'http://a.example/api/x?y', 'http://a.example/x?y'],
    ['a.example/api/*', 'http://a.example/api//x', 'http://a.example//x'],
    ['a.example/api*', 'http://a.example/api', 'http://a.example/'],
    ['a.example/api*', 'http://a.example/api?x', 'http://a.example/?x'],
    ['a.example/api*', 'http://a.example/apix', 'http://a.example/x'],
    ['a.example/*', 'http://a.example//x', 'http://a.example//x'],
    ['a.example/api', 'http://a.example/api?x', 'http://a.example/api?x'],
  ])('strips %s from %s, which leaves %s', (pattern, url, target) => {
    expect(createRouter({ routes: [route(pattern, 'fn', { strip: true })] })(url)?.target).toBe(target);
  });

  it('names the alias of the route', () => {
    const match = createRouter({ routes: [route('a.example/*', 'fn', { alias: 'staging' })] });
    expect(match('http://a.example/x')).toEqual({
      function: 'fn',
      reference: 'staging',
      target: 'http://a.example/x',
      route: 'a.example/*',
    });
  });

  it('finds each of 5,000', () => {
    const routes = manyRoutes(5_000);
    const match = createRouter({ routes });
    for (const { pattern, function: name } of routes) expect(functionAt(match, `http://${pattern.replace('*', 'x')}`)).toBe(name);
    expect(functionAt(match, 'http://host-00.example/none')).toBe('none');
  });

  it.each(['http://host-03.example/path-0003/x', 'http://host-03.example/nowhere/x', 'http://nowhere.example/fn/', 'http://fn.localhost/'])(
    'looks no more often into 5,000 routes than into 10 for %s',
    (url) => {
      const few = lookups(createRouter({ routes: manyRoutes(10) }), url);
      const many = lookups(createRouter({ routes: manyRoutes(5_000) }), url);
      expect(few).toBeGreaterThan(0);
      expect(many).toBe(few);
    },
  );
});

/** Ten hosts, each with as many paths of one length. */
function manyRoutes(count: number): ClaimedRoute[] {
  return Array.from({ length: count }, (_, index) => {
    const host = `host-${String(index % 10).padStart(2, '0')}.example`;
    return route(`${host}/path-${String(index).padStart(4, '0')}/*`, `fn-${index}`);
  });
}

/** How often a match looks into a map: the work that it does, whatever the machine. */
function lookups(match: ReturnType<typeof createRouter>, url: string): number {
  const spies = [vi.spyOn(Map.prototype, 'get'), vi.spyOn(Map.prototype, 'has')];
  try {
    match(url);
    return spies.reduce((sum, spy) => sum + spy.mock.calls.length, 0);
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}
