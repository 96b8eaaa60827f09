import type { BrinkError } from '../errors.ts';

/** One of several calls for one request. */
export interface Trial {
  /** What it has of the function's deadline. */
  readonly ms: number;
  /** What it is a part of; null where it is the only one, and a part of what its request is. */
  readonly traceparent: string | null;
}

/** How a rule makes such a call. */
export interface Attempt extends Trial {
  /** Whether there was one before it. */
  readonly again: boolean;
  /** Whether it may have to end before the request does. */
  readonly abortable: boolean;
}

export interface Running {
  readonly response: Promise<Response>;
  /** Has it end, where it may. */
  end(why: BrinkError): void;
}
