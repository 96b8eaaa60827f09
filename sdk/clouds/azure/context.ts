import type { Binding } from './registry.ts';

export interface ContextInit {
  readonly invocationId?: string;
  readonly functionName?: string;
  readonly traceParent?: string;
  readonly triggerMetadata?: Readonly<Record<string, unknown>>;
  readonly retryContext?: { readonly retryCount: number; readonly maxRetryCount: number };
  readonly options?: Readonly<Record<string, unknown>>;
}

/** `InvocationContext` of @azure/functions. */
export class InvocationContext {
  readonly invocationId: string;
  readonly functionName: string;
  readonly triggerMetadata: Readonly<Record<string, unknown>>;
  readonly traceContext: { readonly traceParent: string | undefined; readonly traceState: undefined; readonly attributes: object };
  readonly retryContext: ContextInit['retryContext'];
  readonly options: Readonly<Record<string, unknown>>;
  readonly extraInputs = new Values();
  readonly extraOutputs = new Values();

  constructor(init: ContextInit = {}) {
    this.invocationId = init.invocationId ?? crypto.randomUUID();
    this.functionName = init.functionName ?? '';
    this.triggerMetadata = init.triggerMetadata ?? {};
    this.traceContext = { traceParent: init.traceParent, traceState: undefined, attributes: {} };
    this.retryContext = init.retryContext;
    this.options = init.options ?? {};
  }

  log(...args: readonly unknown[]): void {
    console.log(...args);
  }

  trace(...args: readonly unknown[]): void {
    console.debug(...args);
  }

  debug(...args: readonly unknown[]): void {
    console.debug(...args);
  }

  info(...args: readonly unknown[]): void {
    console.info(...args);
  }

  warn(...args: readonly unknown[]): void {
    console.warn(...args);
  }

  error(...args: readonly unknown[]): void {
    console.error(...args);
  }
}

/** Values of bindings, by what `input.…` or `output.…` made or by its name. */
class Values {
  readonly #values = new Map<string, unknown>();

  get(binding: Binding | string): unknown {
    return this.#values.get(nameOf(binding));
  }

  set(binding: Binding | string, value: unknown): void {
    this.#values.set(nameOf(binding), value);
  }
}

function nameOf(binding: Binding | string): string {
  return typeof binding === 'string' ? binding : binding.name;
}
