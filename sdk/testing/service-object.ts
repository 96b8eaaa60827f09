import { notThere } from '../../host/cell/rpc-rules.ts';
import type { TestFunction } from './function.ts';

/** An object of the test in place of another function: its own methods are what can be called. */
export class ServiceObject implements Pick<TestFunction, 'fetch' | 'rpc'> {
  readonly #name: string;
  readonly #methods: Readonly<Record<string, unknown>>;

  constructor(name: string, methods: object) {
    this.#name = name;
    this.#methods = methods as Readonly<Record<string, unknown>>;
  }

  async fetch(request: Request): Promise<Response> {
    const { fetch } = this.#methods;
    if (typeof fetch !== 'function') throw new TypeError(`services.${this.#name} of this test has no fetch(), which the function calls.`);
    const response: unknown = await Reflect.apply(fetch, this.#methods, [request]);
    if (response instanceof Response) return response;
    throw new TypeError(`services.${this.#name}.fetch() gave no Response.`);
  }

  rpc({ kind, method, args }: Parameters<TestFunction['rpc']>[0]): unknown {
    const value = method in Object.prototype ? undefined : this.#methods[method];
    if (kind === 'get') {
      if (value === undefined) throw notThere(method);
      return value;
    }
    if (typeof value !== 'function') throw notThere(method);
    return Reflect.apply(value, this.#methods, args);
  }
}
