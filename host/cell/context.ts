import type { BrinkContext } from '../../sdk/context.ts';

export interface ContextOptions {
  readonly waitUntil: (promise: Promise<unknown>) => void;
  /** What the service binding says that called. */
  readonly props?: Readonly<Record<string, unknown>> | undefined;
}

/** The `ctx` of one invocation: Workers' ExecutionContext, with what Brink knows of the call as `ctx.brink`. */
export class Context {
  readonly props: Readonly<Record<string, unknown>>;
  readonly brink: BrinkContext;
  #waitUntil: (promise: Promise<unknown>) => void;

  constructor(brink: BrinkContext, { waitUntil, props = {} }: ContextOptions) {
    this.brink = brink;
    this.props = props;
    this.#waitUntil = waitUntil;
  }

  waitUntil(promise: unknown): void {
    this.#waitUntil(Promise.resolve(promise));
  }

  /** There is no origin behind a function here, so a throw is answered with the host's problem details all the same. */
  passThroughOnException(): void {}
}
