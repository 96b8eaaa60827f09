import { BrinkError } from '../../errors.ts';
import { checkOwnExports, ownExports, type OwnExport } from '../calls/exports.ts';
import type { Plan } from '../plan.ts';
import type { Exported } from '../runtime/call.ts';

/** An exported handler, and which WASI it is written for. The two generations meet here, and nowhere else. */
export interface ExportedHandler extends Exported {
  readonly version: '0.2' | '0.3';
}

export type HandlerName = 'fetch' | 'scheduled' | 'queue' | 'email';

/** What a component exports of what is called on a host; one at least. */
export type HandlerExports = Readonly<Partial<Record<HandlerName, ExportedHandler>>>;

/** The handlers of a component, and its own functions that can be called. */
export interface ComponentExports {
  readonly handlers: HandlerExports;
  readonly own: readonly OwnExport[];
}

interface Called {
  readonly handler: HandlerName;
  readonly version: ExportedHandler['version'];
  readonly name: string;
}

const FUNCTION = 'handle';
const MESSAGING = 'wasi:messaging/incoming-handler';

/** Interfaces with a function `handle`. Where a component exports both generations of one, the first is called. */
const CALLED: readonly Called[] = [
  { handler: 'fetch', version: '0.3', name: 'wasi:http/handler' },
  { handler: 'fetch', version: '0.2', name: 'wasi:http/incoming-handler' },
  { handler: 'scheduled', version: '0.3', name: 'brink:function/scheduled' },
  { handler: 'scheduled', version: '0.2', name: 'brink:function/scheduled' },
  { handler: 'queue', version: '0.3', name: 'brink:function/queue' },
  { handler: 'queue', version: '0.2', name: 'brink:function/queue' },
  { handler: 'queue', version: '0.2', name: MESSAGING },
  { handler: 'email', version: '0.3', name: 'brink:function/email' },
  { handler: 'email', version: '0.2', name: 'brink:function/email' },
];

/**
 * Where it has no handler of HTTP, requests call its own functions, and so all of them have to be such as can be called.
 *
 * @throws {BrinkError} component-unsupported where a component exports nothing to call, or what this host cannot call
 */
export function exportsOf(plan: Plan): ComponentExports {
  const { exports } = plan;
  const found: Partial<Record<HandlerName, ExportedHandler>> = {};
  const names = Object.keys(exports);
  for (const called of CALLED) {
    const full = names.find((name) => isOf(name, called) && exports[name]![FUNCTION] !== undefined);
    if (full !== undefined) found[called.handler] ??= { version: called.version, interface: full, name: FUNCTION };
  }
  // Left out without a word, its work would never be done.
  const unknown = names.find((name) => name.startsWith('brink:') && !CALLED.some((called) => isOf(name, called)));
  if (unknown !== undefined) throw unsupported(`The component exports ${unknown}, which this host does not call.`, exports);
  const own = ownExports(plan);
  if (found.fetch === undefined) checkOwnExports(own);
  if (Object.keys(found).length === 0 && own.length === 0) throw unsupported('The component exports no handler.', exports);
  return { handlers: found, own: own.filter(({ impossible }) => impossible === null) };
}

/** Whether a handler of queues takes one message at a time. */
export function takesMessages({ interface: full }: ExportedHandler): boolean {
  return full.startsWith(`${MESSAGING}@`);
}

function isOf(full: string, { name, version }: Called): boolean {
  return full.startsWith(`${name}@${version}.`);
}

function unsupported(message: string, exports: Plan['exports']): BrinkError {
  const called = CALLED.map(({ name, version }) => `${name}@${version}.x`);
  const has = Object.entries(exports).flatMap(([name, functions]) => (name === '' ? Object.keys(functions) : [name]));
  return new BrinkError(
    'component-unsupported',
    `${message} What a host calls is ${called.join(', ')}, and functions of interfaces of your own. It exports ${has.join(', ') || 'nothing'}.`,
    { details: { exports: has, available: called } },
  );
}
