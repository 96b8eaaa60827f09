import { running } from '../running.ts';
import type { Settings } from '../settings.ts';
import { InvocationContext, type ContextInit } from './context.ts';
import { hooks, type AzureFunction, type Binding } from './registry.ts';

interface Queue {
  sendBatch(messages: readonly { readonly body: unknown; readonly contentType: 'text' | 'json' }[]): Promise<unknown>;
}

interface Invoking {
  readonly settings: Settings;
  readonly env: Readonly<Record<string, unknown>>;
  readonly context: ContextInit;
  readonly trigger: unknown;
}

/** As many messages as a queue takes at once. */
const AT_ONCE = 100;

/** Runs a function between its hooks; what it gave to outputs is sent when it has ended well. */
export async function invoke(fn: AzureFunction, { settings, env, context: init, trigger }: Invoking): Promise<unknown> {
  const context = new InvocationContext({ ...init, functionName: fn.name });
  const hook: Record<string, unknown> = { invocationContext: context, functionHandler: fn.run, inputs: [trigger], hookData: {} };
  for (const before of hooks.pre) await before(hook);
  try {
    const run = hook['functionHandler'] as AzureFunction['run'];
    const [first] = hook['inputs'] as readonly unknown[];
    hook['result'] = await running(fn.kind === 'timer' ? Infinity : settings.deadline, ({ succeed, fail }) => {
      Promise.resolve(run(first, context)).then(succeed, fail);
    });
    hook['error'] = null;
  } catch (error) {
    hook['result'] = null;
    hook['error'] = error;
  }
  for (const after of hooks.post) await after(hook);
  if (hook['error'] !== null && hook['error'] !== undefined) throw hook['error'];
  const { result } = hook;
  for (const output of fn.extraOutputs)
    if (output.type !== 'http') await send(output, { value: context.extraOutputs.get(output), settings, env });
  if (fn.return !== undefined && fn.return.type !== 'http') await send(fn.return, { value: result, settings, env });
  const http = fn.extraOutputs.find(({ type }) => type === 'http');
  return http === undefined ? result : context.extraOutputs.get(http);
}

async function send(
  { queueName }: Binding,
  { value, settings, env }: { value: unknown } & Pick<Invoking, 'settings' | 'env'>,
): Promise<void> {
  if (value === undefined || value === null) return;
  const name = settings.producers[String(queueName)];
  const queue = name === undefined ? undefined : (env[name] as Queue | undefined);
  if (queue === undefined)
    throw new TypeError(
      `An output names the queue ${JSON.stringify(queueName)}, which no [[queues.producers]] of the function's config names.`,
    );
  const messages = (Array.isArray(value) ? (value as unknown[]) : [value]).map((body) => ({
    body,
    contentType: typeof body === 'string' ? ('text' as const) : ('json' as const),
  }));
  for (let at = 0; at < messages.length; at += AT_ONCE) await queue.sendBatch(messages.slice(at, at + AT_ONCE));
}
