import process from 'node:process';
import { functions, hooks, register, type AuthLevel, type AzureFunction, type Binding, type Hook, type Run } from './registry.ts';

interface Options {
  readonly handler?: Run;
  readonly methods?: readonly string[];
  readonly route?: string;
  readonly authLevel?: AuthLevel;
  readonly schedule?: string;
  readonly queueName?: string;
  readonly cardinality?: 'one' | 'many';
  readonly extraInputs?: readonly Binding[];
  readonly extraOutputs?: readonly Binding[];
  readonly return?: Binding;
}

const DEFAULT_METHODS = ['GET', 'POST'];

/** `app` of @azure/functions 4. https://learn.microsoft.com/azure/azure-functions/functions-reference-node?pivots=nodejs-model-v4 */
const known = {
  http,
  get: (name: string, options: Options | Run) => withMethod('GET', { name, options }),
  post: (name: string, options: Options | Run) => withMethod('POST', { name, options }),
  put: (name: string, options: Options | Run) => withMethod('PUT', { name, options }),
  patch: (name: string, options: Options | Run) => withMethod('PATCH', { name, options }),
  deleteRequest: (name: string, options: Options | Run) => withMethod('DELETE', { name, options }),
  timer(name: string, options: Options): void {
    register({ ...common(name, options), kind: 'timer', schedule: setting(required(name, { options, key: 'schedule' })) });
  },
  storageQueue: (name: string, options: Options) => queue('storageQueue', { name, options }),
  serviceBusQueue: (name: string, options: Options) => queue('serviceBusQueue', { name, options }),
  // There is nothing to set: bodies are streams both ways.
  setup(): void {},
  hook: {
    preInvocation: (hook: Hook) => hooked(hooks.pre, hook),
    postInvocation: (hook: Hook) => hooked(hooks.post, hook),
    appStart: (hook: Hook) => hooked(hooks.start, hook),
    appTerminate: (_hook: Hook) => ({ dispose: () => {} }),
  },
};

/** What is asked of it and not there throws with its name, when the module registers it. */
export const app: typeof known = new Proxy(known, {
  get(target, name, receiver) {
    if (typeof name === 'symbol' || name in target) return Reflect.get(target, name, receiver) as unknown;
    throw new TypeError(`app.${name} of @azure/functions is not there in Brink; there are ${Object.keys(known).join(', ')}.`);
  },
});

export { functions };

function http(name: string, options: Options): void {
  const { methods = DEFAULT_METHODS, route = name, authLevel = 'anonymous' } = options;
  register({ ...common(name, options), kind: 'http', methods: methods.map((method) => method.toUpperCase()), route, authLevel });
}

function withMethod(method: string, { name, options }: { name: string; options: Options | Run }): void {
  http(name, { ...(typeof options === 'function' ? { handler: options } : options), methods: [method] });
}

function queue(kind: 'storageQueue' | 'serviceBusQueue', { name, options }: { name: string; options: Options }): void {
  const queueName = setting(required(name, { options, key: 'queueName' }));
  register({ ...common(name, options), kind, queue: queueName, many: options.cardinality === 'many' });
}

function common(
  name: string,
  { handler, extraInputs = [], extraOutputs = [], return: result }: Options,
): Omit<AzureFunction, 'kind'> & { run: Run } {
  if (typeof name !== 'string' || name === '') throw new TypeError('A function of app.… needs a name.');
  if (typeof handler !== 'function') throw new TypeError(`The function ${JSON.stringify(name)} has no handler.`);
  return { name, run: handler, extraInputs, extraOutputs, return: result } as Omit<AzureFunction, 'kind'> & { run: Run };
}

function required(name: string, { options, key }: { options: Options; key: 'schedule' | 'queueName' }): string {
  const value = options[key];
  if (typeof value === 'string' && value !== '') return value;
  throw new TypeError(`The function ${JSON.stringify(name)} needs ${key}.`);
}

/** `%NAME%` is the value of a setting. */
function setting(text: string): string {
  return text.replace(/%([^%]+)%/g, (whole, name: string) => process.env[name] ?? whole);
}

function hooked(list: Hook[], hook: Hook): { dispose(): void } {
  list.push(hook);
  return { dispose: () => void list.splice(list.indexOf(hook), 1) };
}
