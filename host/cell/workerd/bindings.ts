import type { Transport, WireAnswer, WireCall } from '../../bindings/binding.ts';
import { createClients, type BindingName } from '../../bindings/clients.ts';
import { framed } from './framed.ts';
import { knowsLength, noticeLengths, ofLength } from './lengths.ts';
import { ANSWER_HEADER, ARGS_HEADER, BINDINGS, METHOD_HEADER, STUB_PREFIX, type BindingStub } from './protocol.ts';

/** Puts the function's bindings where the host has put what they are made of. */
export function putBindings(env: Record<string, unknown>, count: () => void): void {
  const bindings = env[BINDINGS] as readonly BindingName[] | undefined;
  if (bindings === undefined) return;
  if (bindings.some(({ kind }) => kind === 'r2')) noticeLengths();
  const clients = createClients(bindings, {
    transportOf: (name) => transportOf(name, env[STUB_PREFIX + name] as BindingStub | undefined, count),
    knowsLength,
    ofLength,
  });
  delete env[BINDINGS];
  for (const name of Object.keys(clients)) {
    delete env[STUB_PREFIX + name];
    env[name] = clients[name];
  }
}

/** Without a stub an artifact is only looked at: what calls then, is top-level code. */
export function transportOf(name: string, stub: BindingStub | undefined, count: () => void): Transport {
  return async ({ method, args, body }) => {
    if (stub === undefined) throw new Error(`${name} is there for handlers, not for top-level code.`);
    count();
    const isStream = body instanceof ReadableStream;
    if (isStream && knowsLength(body)) return fetched(stub, { method, args, body });
    const { text, body: out, life } = await stub.callBinding({ method, args, body: isStream ? framed(body) : body });
    return { text, body: out, ...(life !== undefined && { ended: () => life[Symbol.dispose]() }) };
  };
}

/** As the body of a request, a stream keeps the length that the platform knows of it; as an argument it would not. */
async function fetched(stub: BindingStub, { method, args, body }: WireCall): Promise<WireAnswer> {
  const response = await stub.fetch('http://binding/', {
    method: 'POST',
    headers: { [METHOD_HEADER]: method, [ARGS_HEADER]: encodeURIComponent(args) },
    body: body as ReadableStream<Uint8Array>,
  });
  const answer = response.headers.get(ANSWER_HEADER);
  return answer === null ? { text: await response.text(), body: null } : { text: decodeURIComponent(answer), body: response.body };
}
