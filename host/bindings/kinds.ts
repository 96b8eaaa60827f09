import type { Manifest } from '../registry/manifest.ts';
import { BindingError, failureOf } from './binding-error.ts';
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
import { kv } from './kv/kind.ts';
import { schedules } from './schedules/kind.ts';

/** Every kind of binding, on the host's side. Each has its client in `clients.ts`. */
const KINDS: Readonly<Record<string, BindingKind>> = { kv, schedules };

/** What a function's version finds in its `env` besides its vars. */
export function bindingsOf(manifest: Manifest): BindingSpec[] {
  return Object.entries(KINDS).flatMap(([kind, { specs }]) => specs(manifest).map((spec) => ({ ...spec, kind })));
}

export function openBinding({ kind, scope }: BindingScope, state: BindingsState): Methods {
  return KINDS[kind]!.open(scope, stateOf({ kind, scope }, state));
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
  return { ...state, wake: (time) => state.wake(binding, time) };
}

/** What came over the border of a cell, whatever it is. */
export interface Asked {
  readonly method: unknown;
  readonly args: unknown;
  readonly body: unknown;
}

/** Answers a call of a cell. Never rejects: what fails is part of the answer. */
export async function answer(methods: Methods, { method, args, body }: Asked): Promise<WireAnswer> {
  const [outcome, out] = await outcomeOf(methods, { method, args, body });
  return { text: JSON.stringify(outcome), body: out };
}

async function outcomeOf(methods: Methods, { method, args, body }: Asked): Promise<[Outcome, Body]> {
  try {
    if (typeof method !== 'string' || !Object.hasOwn(methods, method))
      throw new BindingError('There is no such method.', { name: 'TypeError' });
    const { value, body: out = null } = await methods[method]!(argumentsOf(args), bodyOf(body));
    return [{ value }, out];
  } catch (error) {
    if (body instanceof ReadableStream && !body.locked) body.cancel().catch(() => {});
    return [{ error: failureOf(error) }, null];
  }
}

function argumentsOf(text: unknown): readonly unknown[] {
  if (typeof text !== 'string' || text.length > MAX_ARGS) throw new BindingError('The arguments are too large.', { name: 'TypeError' });
  const args = JSON.parse(text) as unknown;
  if (!Array.isArray(args)) throw new BindingError('The arguments are no list.', { name: 'TypeError' });
  return args;
}

function bodyOf(body: unknown): Body {
  if (body === null || body instanceof ReadableStream) return body as Body;
  if (body instanceof Uint8Array && body.byteLength <= MAX_WHOLE) return body;
  throw new BindingError('The body is no bytes, or too large.', { name: 'TypeError' });
}
