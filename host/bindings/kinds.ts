import type { Manifest } from '../registry/manifest.ts';
import { BindingError, failureOf, jsonOf } from './binding-error.ts';
import {
  MAX_ARGS,
  MAX_WHOLE,
  type BindingKind,
  type BindingScope,
  type BindingSpec,
  type BindingsState,
  type BindingState,
  type Body,
  type Methods,
  type Outcome,
  type WireAnswer,
} from './binding.ts';
import { d1 } from './d1/kind.ts';
import { email } from './email/kind.ts';
import { writeRules } from './email/envelope.ts';
import { kv } from './kv/kind.ts';
import { locks } from './locks/kind.ts';
import { queues } from './queues/kind.ts';
import { r2 } from './r2/kind.ts';
import { ratelimit } from './ratelimit/kind.ts';
import { releases } from './releases/kind.ts';
import { schedules } from './schedules/kind.ts';

/** Every kind of binding, on the host's side. Each has its client in `clients.ts`. */
const KINDS: Readonly<Record<string, BindingKind>> = { kv, locks, d1, r2, ratelimit, queues, schedules, email, releases };

/** What a function's version finds in its `env` besides its vars. */
export function bindingsOf(manifest: Manifest): BindingSpec[] {
  return Object.entries(KINDS).flatMap(([kind, { specs }]) => specs(manifest).map((spec) => ({ ...spec, kind })));
}

/** The same as types: each name with what `sdk/` calls its type. */
export function envTypes(manifest: Manifest): { readonly name: string; readonly type: string }[] {
  const services = (manifest.services ?? []).map(({ binding }) => ({ name: binding, type: 'Service' }));
  return [...bindingsOf(manifest).map(({ name, kind }) => ({ name, type: KINDS[kind]!.type })), ...services];
}

export function openBinding({ kind, scope }: BindingScope, state: BindingsState): Methods {
  return KINDS[kind]!.open(scope, stateOf({ kind, scope }, state));
}

/** What a function's messages that came in are forwarded and answered by. No manifest names it. */
export function receivedMailScope(owner: string): BindingScope {
  return { kind: 'email', scope: writeRules({ function: owner, received: true }) };
}

export function receivedMail(owner: string, state: BindingsState): Methods {
  return {
    async send(args, body) {
      return openBinding(receivedMailScope(owner), state)['send']!(args, body);
    },
  };
}

/** Answers what the host itself asks of a scope. */
export function manageBinding({ kind, scope }: BindingScope, state: BindingsState, call: Asked): Promise<WireAnswer> {
  return answer(KINDS[kind]!.manage!(scope, stateOf({ kind, scope }, state)), call);
}

/** Does what is due in a scope, and gives the time of what is next, or null. A kind that this release has not, or that has no work, has nothing due. */
export async function runDue({ kind, scope }: BindingScope, state: BindingsState): Promise<number | null> {
  if (!Object.hasOwn(KINDS, kind)) return null;
  return (await KINDS[kind]!.due?.(scope, stateOf({ kind, scope }, state))) ?? null;
}

function stateOf(binding: BindingScope, state: BindingsState): BindingState {
  return { ...state, wake: (time) => state.wake(binding, time), soon: () => state.soon(binding) };
}

/** Where the methods of a kind run on workerd. */
export function placeOf(kind: string): 'object' | 'host' {
  return KINDS[kind]!.place ?? 'object';
}

/** What came over the border of a cell, whatever it is. */
export interface Asked {
  readonly method: unknown;
  readonly args: unknown;
  readonly body: unknown;
}

/**
 * Answers a call of a cell, where `admit` does not throw. Never rejects: what fails is part of the answer, also where there
 * are no methods to be had.
 */
export async function answer(methods: Methods | (() => Methods), { method, args, body }: Asked, admit?: () => void): Promise<WireAnswer> {
  const [outcome, out, ended] = await outcomeOf(methods, { method, args, body }, admit);
  return { text: JSON.stringify(outcome), body: out, ...(ended !== undefined && { ended }) };
}

async function outcomeOf(
  from: Methods | (() => Methods),
  { method, args, body }: Asked,
  admit?: () => void,
): Promise<[Outcome, Body, ended?: () => void]> {
  try {
    admit?.();
    const methods = typeof from === 'function' ? from() : from;
    if (typeof method !== 'string' || !Object.hasOwn(methods, method))
      throw new BindingError('There is no such method.', { name: 'TypeError' });
    const { value, body: out = null, ended } = await methods[method]!(argumentsOf(args), bodyOf(body));
    return ended === undefined ? [{ value }, out] : [{ value }, out, ended];
  } catch (error) {
    if (body instanceof ReadableStream && !body.locked) body.cancel().catch(() => {});
    return [{ error: failureOf(error) }, null];
  }
}

function argumentsOf(text: unknown): readonly unknown[] {
  if (typeof text !== 'string' || text.length > MAX_ARGS) throw new BindingError('The arguments are too large.', { name: 'TypeError' });
  const args = jsonOf(text, 'The arguments are no JSON.');
  if (!Array.isArray(args)) throw new BindingError('The arguments are no list.', { name: 'TypeError' });
  return args;
}

function bodyOf(body: unknown): Body {
  if (body === null || body instanceof ReadableStream) return body as Body;
  if (body instanceof Uint8Array && body.byteLength <= MAX_WHOLE) return body;
  throw new BindingError('The body is no bytes, or too large.', { name: 'TypeError' });
}
