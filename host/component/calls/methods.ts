import { BadInput } from './bad-input.ts';
import type { OwnExport } from './exports.ts';
import { nameOf } from './exports.ts';
import { camelCase } from './labels.ts';
import type { OwnCall } from './own-call.ts';

/** Those would be called by others than callers of methods. */
const HANDLERS: ReadonlySet<string> = new Set(['fetch', 'scheduled', 'queue', 'email']);

/** The names under which functions are methods: that of their path, `ops/add`, and their own, `add`, where no other has it. */
export function methodsOf<Call extends OwnExport>(calls: readonly Call[]): ReadonlyMap<string, Call> {
  const own = calls.map(({ name }) => camelCase(name));
  const alone = (at: number) => own.indexOf(own[at]!) === own.lastIndexOf(own[at]!);
  const short = calls.flatMap((call, at): [string, Call][] => (alone(at) ? [[own[at]!, call]] : []));
  const long = calls.map((call): [string, Call] => [call.path.slice(1), call]);
  return new Map([...short, ...long].filter(([name]) => !HANDLERS.has(name)));
}

/** @throws {TypeError} where they do not fit */
export function methodArgs(call: OwnCall, parameters: unknown): unknown[] {
  try {
    return call.args(parameters);
  } catch (error) {
    if (error instanceof BadInput) throw new TypeError(`The parameters of ${nameOf(call)} do not fit: ${error.message}.`);
    throw error;
  }
}
