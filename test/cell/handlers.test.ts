import { describe, expect, it } from 'vitest';
import { HandlerMissing, handlersOf } from '../../host/cell/handlers.ts';

class WorkerEntrypoint {
  readonly ctx: unknown;
  readonly env: unknown;
  constructor(ctx: unknown, env: unknown) {
    this.ctx = ctx;
    this.env = env;
  }
}

describe('handlersOf()', () => {
  it('finds the handlers of an object, in a fixed order, and no other methods', () => {
    const handlers = handlersOf({ queue() {}, scheduled() {}, fetch() {}, email() {}, alarm() {}, helper: 1 });
    expect(handlers.names).toEqual(['fetch', 'scheduled', 'queue', 'email']);
  });

  it('calls a handler with subject, env and ctx, on its object', () => {
    const module = {
      greeting: 'hi',
      fetch(...args: unknown[]) {
        return [this.greeting, ...args];
      },
    };
    expect(handlersOf(module).call('fetch', 'request', 'env', 'ctx')).toEqual(['hi', 'request', 'env', 'ctx']);
  });

  it('finds handlers that an object inherits, as a router does', () => {
    class App {
      #routes = ['/'];
      fetch() {
        return this.#routes;
      }
    }
    const handlers = handlersOf(new App());
    expect(handlers.names).toEqual(['fetch']);
    expect(handlers.call('fetch', 'request', {}, {})).toEqual(['/']);
  });

  it('finds handlers on a function', () => {
    const app = Object.assign(() => 'called', { fetch: (request: unknown) => `fetched ${String(request)}` });
    expect(handlersOf(app).names).toEqual(['fetch']);
    expect(handlersOf(app).call('fetch', 'it', {}, {})).toBe('fetched it');
  });

  it('makes one object of a WorkerEntrypoint class for each call, with ctx and env', () => {
    const made: unknown[] = [];
    class Main extends WorkerEntrypoint {
      fetch(...args: unknown[]) {
        made.push(this);
        return [args, this.env, this.ctx];
      }
      scheduled() {}
      helper() {}
    }
    const handlers = handlersOf(Main);
    expect(handlers.names).toEqual(['fetch', 'scheduled', 'rpc']);
    expect(handlers.call('fetch', 'request', 'env', 'ctx')).toEqual([['request'], 'env', 'ctx']);
    handlers.call('fetch', 'request', 'env', 'ctx');
    expect(new Set(made).size).toBe(2);
  });

  it('knows a WorkerEntrypoint through the classes between', () => {
    class Base extends WorkerEntrypoint {
      fetch() {
        return 'base';
      }
    }
    class Main extends Base {}
    expect(handlersOf(Main).names).toEqual(['fetch']);
    expect(handlersOf(Main).call('fetch', 'request', {}, {})).toBe('base');
  });

  it.each([
    ['nothing', undefined],
    ['null', null],
    ['text', 'fetch'],
    ['a plain function', () => new Response()],
    ['an object without handlers', { get() {} }],
    ['handlers that are no functions', { fetch: 'x', scheduled: {} }],
    [
      'a class that extends nothing',
      class Main {
        fetch() {}
      },
    ],
  ])('finds none in %s', (_name, exported) => expect(handlersOf(exported).names).toEqual([]));

  it('a call of a handler that is not there says which', () => {
    for (const exported of [undefined, { scheduled() {} }, class Main extends WorkerEntrypoint {}]) {
      expect(() => handlersOf(exported).call('fetch', 'request', {}, {})).toThrow(HandlerMissing);
      expect(() => handlersOf(exported).call('fetch', 'request', {}, {})).toThrow('no fetch handler');
    }
  });
});
