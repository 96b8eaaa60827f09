import type { InvocationEvent } from '../observe/events.ts';
import type { Connection } from '../platform.ts';
import type { BodyTap, Invocation } from './cell.ts';
import type { Chosen } from './functions.ts';

/** Copies requests to versions that answer nobody. */
export interface Mirror {
  /** Whether there is any such version: where there is none, nothing else is asked. */
  readonly any: boolean;
  /** A request that is about to be answered; null where it is not copied. Never throws. */
  take(call: MirrorCall): Copy | null;
}

export interface MirrorCall {
  readonly chosen: Chosen;
  readonly request: Request;
  readonly connection: Connection;
  readonly invocation: Invocation;
  /** Milliseconds since the epoch. */
  readonly time: number;
}

/** What is to be told of a request that is copied. None of it takes time. */
export interface Copy {
  readonly tap: BodyTap;
  ended(event: InvocationEvent): void;
  /** Gives what is to be sent: the same answer, whose body is read along. */
  answered(response: Response): Response;
  /** Instead, where there was no response. */
  lost(): void;
}
