import { nuid } from '@nats-io/nats-core';
import { createHash } from '../../host/platforms/node/hash.ts';
import { connectNats, type Connection } from '../../host/platforms/node/nats.ts';
import { openNatsState, type NatsState, type NatsStateOptions } from '../../host/stores/nats/state.ts';

export interface OpenedState extends NatsState {
  readonly connection: Connection;
  readonly prefix: string;
  close(): Promise<void>;
}

/** State with buckets of its own, or those of `prefix`. */
export async function openOn(
  url: string,
  { now = Date.now, prefix = `t${nuid.next()}`, ...options }: Partial<NatsStateOptions> = {},
): Promise<OpenedState> {
  const connection = await connectNats({ url });
  const state = await openNatsState(connection, { now, createHash, prefix, ...options });
  return {
    ...state,
    connection,
    prefix,
    async close() {
      state.stop();
      await connection.close();
    },
  };
}
