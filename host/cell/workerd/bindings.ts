import type { Body, Transport } from '../../bindings/binding.ts';
import { createClients, type BindingName } from '../../bindings/clients.ts';
import { BINDINGS, STUB_PREFIX, type BindingStub } from './protocol.ts';

declare const IdentityTransformStream: new () => ReadableWritablePair<Uint8Array, Uint8Array>;

const Identity = IdentityTransformStream;

/** Puts the function's bindings where the host has put what they are made of. */
export function putBindings(env: Record<string, unknown>): void {
  const bindings = env[BINDINGS] as readonly BindingName[] | undefined;
  if (bindings === undefined) return;
  const clients = createClients(bindings, (name) => transportOf(name, env[STUB_PREFIX + name] as BindingStub | undefined));
  delete env[BINDINGS];
  for (const name of Object.keys(clients)) {
    delete env[STUB_PREFIX + name];
    env[name] = clients[name];
  }
}

/** Without a stub an artifact is only looked at: what calls then, is top-level code. */
function transportOf(name: string, stub: BindingStub | undefined): Transport {
  return async ({ method, args, body }) => {
    if (stub === undefined) throw new Error(`${name} is there for handlers, not for top-level code.`);
    const { text, body: out, life } = await stub.callBinding({ method, args, body: sendable(body) });
    return { text, body: out, ...(life !== undefined && { ended: () => life[Symbol.dispose]() }) };
  };
}

/** Calls take streams of bytes alone, which one that JavaScript feeds is not. */
function sendable(body: Body): Body {
  return body instanceof ReadableStream ? body.pipeThrough(new Identity()) : body;
}
