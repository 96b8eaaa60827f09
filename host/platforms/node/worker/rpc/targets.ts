import { declaredProperty, notThere } from '../../../../cell/rpc-rules.ts';

/** Its objects pass RPC by reference. https://developers.cloudflare.com/workers/runtime-apis/rpc/#class-instances */
export class RpcTarget {}

/** What leads to an object of the other side; each is a function, as on Workers. */
export type Stub = ((...args: unknown[]) => unknown) & Readonly<Record<string, unknown>>;

/** Which object of the other side a stub leads to. */
export interface Origin {
  /** Of the session that it came by. */
  readonly session: object;
  readonly id: number;
}

const origins = new WeakMap<object, Origin>();

export function markStub(stub: object, origin: Origin): void {
  origins.set(stub, origin);
}

export function originOf(value: object): Origin | undefined {
  return origins.get(value);
}

/** What a path leads to, and what it is a property of. @throws {RpcRefused} where RPC may not go */
export async function follow(start: unknown, path: readonly string[]): Promise<{ readonly value: unknown; readonly parent: unknown }> {
  let [value, parent]: [unknown, unknown] = [await start, undefined];
  for (const name of path) {
    parent = value;
    value = await step(parent, name);
  }
  return { value, parent };
}

/** Calls what a path leads to. */
export async function callAt(start: unknown, path: readonly string[], args: readonly unknown[]): Promise<unknown> {
  if (path.length === 0) return invoke(await start, undefined, { name: '', args });
  const name = path.at(-1)!;
  const { value: parent } = await follow(start, path.slice(0, -1));
  // That of a stub is the other side's to find.
  if (isStub(parent)) return (parent[name] as Stub)(...args);
  return invoke(await step(parent, name), parent, { name, args });
}

function invoke(value: unknown, parent: unknown, { name, args }: { name: string; args: readonly unknown[] }): unknown {
  if (typeof value !== 'function') throw new TypeError(`${JSON.stringify(name)} is not a function.`);
  return Reflect.apply(value, parent, args);
}

/** Of an `RpcTarget` what its class declares; of a plain object, a list or a function what it has itself. */
function step(target: unknown, name: string): unknown {
  if (target === null || (typeof target !== 'object' && typeof target !== 'function')) throw notThere(name);
  if (isStub(target)) return target[name];
  if (target instanceof RpcTarget) return declaredProperty(target, name);
  if (!isPlain(target) || !Object.hasOwn(target, name)) throw notThere(name);
  return (target as Record<string, unknown>)[name];
}

function isStub(value: unknown): value is Stub {
  return typeof value === 'function' && origins.has(value);
}

function isPlain(value: object): boolean {
  return typeof value === 'function' || Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype;
}
