import { readFile } from 'node:fs/promises';
import { transform } from 'esbuild';
import { answer, openBinding } from '../../host/bindings/kinds.ts';
import { createClients } from '../../host/bindings/clients.ts';
import type { Store } from '../../host/stores/store.ts';
import type { KVNamespace } from '../../sdk/kv.ts';
import { bindingState } from './state.ts';
import { perform, type Order, type Outcome, type Tagged } from './kv-function.ts';

/** A namespace, wherever it is: values may be tagged ones, for what cannot be sent to a function. */
export type TestKv = Omit<KVNamespace, 'put'> & {
  put(key: string, value: unknown, options?: unknown): Promise<unknown>;
  /** Any call, with arguments that the types forbid. */
  call(method: string, ...args: unknown[]): Promise<unknown>;
  /** The same several times over, in one invocation. */
  all(orders: readonly (readonly [method: string, ...args: unknown[]])[]): Promise<PromiseSettledResult<unknown>[]>;
};

const TAGGED = Symbol('tagged');

/** Marks what a suite means by a tag. */
export function tag(value: Tagged): object {
  return { [TAGGED]: value };
}

/** The suite's side of `kv-function.ts`. */
export function kvBy(run: (orders: readonly Order[]) => Promise<readonly Outcome[]>): TestKv {
  const all = async (orders: readonly (readonly [string, ...unknown[]])[]) =>
    (await run(orders.map(([method, ...args]) => ({ method, args: args.map(tagged) })))).map(settled);
  const call = async (method: string, ...args: unknown[]) => {
    const [result] = await all([[method, ...args]]);
    if (result!.status === 'rejected') throw result!.reason;
    return result!.value;
  };
  const methods = ['get', 'getWithMetadata', 'getWithRevision', 'put', 'delete', 'list', 'increment'];
  const each = methods.map((method) => [method, (...args: unknown[]) => call(method, ...args)] as const);
  return { ...Object.fromEntries(each), call, all } as unknown as TestKv;
}

/** The binding in this process: both of its sides, with JSON in between. */
export function kvOn(store: Store, now: () => number, scope = 'id/test'): TestKv {
  const kv = namespaceOn(store, now, scope);
  return kvBy((orders) => Promise.all(orders.map((order) => perform(kv, order))));
}

export function namespaceOn(store: Store, now: () => number, scope = 'id/test'): KVNamespace {
  const methods = openBinding({ kind: 'kv', scope }, bindingState(store, now));
  const { KV } = createClients([{ name: 'KV', kind: 'kv' }], { transportOf: () => (call) => answer(methods, call), now });
  return KV as KVNamespace;
}

/** In a function at this URL. */
export function kvAt(url: string): TestKv {
  return kvBy(async (orders) => {
    const response = await fetch(url, { method: 'POST', body: JSON.stringify(orders) });
    if (response.status !== 200) throw new Error(await response.text());
    return (await response.json()) as Outcome[];
  });
}

/** The text of `kv-function.ts`, or of one like it, without its types: a module of a function. */
export async function functionSource(file = 'kv-function.ts'): Promise<string> {
  const text = await readFile(new URL(file, import.meta.url), 'utf8');
  return (await transform(text, { loader: 'ts', format: 'esm', target: 'es2024' })).code;
}

function tagged(value: unknown): Tagged {
  if (value === undefined) return { t: 'undefined' };
  if (typeof value === 'bigint') return { t: 'bigint', v: String(value) };
  if (value !== null && typeof value === 'object' && TAGGED in value) return value[TAGGED] as Tagged;
  return { t: 'json', v: value };
}

function settled(outcome: Outcome): PromiseSettledResult<unknown> {
  if ('value' in outcome) return { status: 'fulfilled', value: untagged(outcome.value) };
  const { name, message, code } = outcome.error;
  return { status: 'rejected', reason: Object.assign(new Error(message), { name }, code !== undefined && { code }) };
}

function untagged(value: Tagged): unknown {
  switch (value.t) {
    case 'json':
      return value.v;
    case 'bigint':
      return BigInt(value.v);
    case 'map':
      return new Map(value.v.map(([key, each]) => [key, untagged(each)]));
    case 'undefined':
      return undefined;
    default:
      return value;
  }
}
