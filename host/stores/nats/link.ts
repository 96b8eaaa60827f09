import type { NatsConnection } from '@nats-io/nats-core';
import { jetstream, type JetStreamClient, type JetStreamManager } from '@nats-io/jetstream';
import { BrinkError } from '../../errors.ts';

/** A connection to NATS that makes itself anew where it is cut off. */
export interface Connected {
  readonly connection: NatsConnection;
  /** Null while there is a connection; else a promise that settles soon: when there is one again, or by rejecting. */
  ready(): Promise<void> | null;
}

/** How long one call of the server may take, in ms. */
export const CALL_TIMEOUT = 5_000;

/** What the stores need of NATS. Each call ends within a bounded time, with an error of ours where it failed. */
export interface Link {
  readonly connection: NatsConnection;
  readonly js: JetStreamClient;
  readonly jsm: JetStreamManager;
  /** @throws {BrinkError} `store-unavailable`, where `refused` does not know what was thrown */
  call<Result>(work: () => Promise<Result>, refused?: (error: unknown) => Result | undefined): Promise<Result>;
}

export async function linkOf({ connection, ready }: Connected): Promise<Link> {
  const js = jetstream(connection, { timeout: CALL_TIMEOUT });
  const jsm = await js.jetstreamManager(false);
  return {
    connection,
    js,
    jsm,
    async call(work, refused) {
      // While there is no connection nothing is sent: it would be done whenever there is one, after its caller was told that it failed.
      const waiting = ready();
      try {
        if (waiting !== null) await waiting;
        return await work();
      } catch (error) {
        const known = refused?.(error);
        if (known !== undefined) return known;
        throw unavailable(error);
      }
    },
  };
}

export function unavailable(cause: unknown): BrinkError {
  if (cause instanceof BrinkError) return cause;
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new BrinkError('store-unavailable', `The state in NATS cannot be read or written now: ${reason}. \`brink doctor\` says more.`, {
    cause,
  });
}
