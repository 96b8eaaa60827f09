import { Kvm } from '@nats-io/kv';
import { connect } from '@nats-io/transport-node';
import { Leases } from '../../../host/bindings/locks/leases.ts';
import { locksOn } from '../../bindings/locks.ts';
import { natsVersion, startNatsServer } from '../../nats/server.ts';
import { openOn } from '../../nats/state.ts';
import { interleaved, median } from '../peers.ts';
import { rateOf } from '../rate-of.ts';
import type { BenchResult } from '../run.ts';

const KEYS = 1_000;
const CALLS = 2_000;
const AT_ONCE = 64;

/** A lock on NATS that nobody else wants, taken and given back, against a key that the bare client of its KV creates and deletes. */
export async function benchLocksNats(): Promise<BenchResult> {
  const names = ['lock_nats_vs_kv', 'lock_nats_one_by_one_vs_kv'];
  if (natsVersion === null) {
    const why = 'there is no nats-server on this machine; `apt-get install nats-server`';
    return { ratios: {}, figures: {}, missing: Object.fromEntries(names.map((name) => [name, why])) };
  }
  const server = await startNatsServer();
  const state = await openOn(server.url);
  const connection = await connect({ servers: server.url });
  const leases = new Leases({ store: state.bindings, now: Date.now, alone: false });
  try {
    const kv = await new Kvm(connection).create('bare');
    const locks = locksOn({ store: state.bindings, leases });
    const lock = (key: string) =>
      locks.request(key, (held) => {
        if (!(held!.fence > 0)) throw new Error('no fence');
      });
    const bare = async (key: string) => {
      await kv.create(key, '1');
      await kv.delete(key);
    };
    const rates = await interleaved({
      lock_nats: () => rateOf(lock, { calls: CALLS, atOnce: AT_ONCE, keys: KEYS }),
      bare_kv: () => rateOf(bare, { calls: CALLS, atOnce: AT_ONCE, keys: KEYS }),
      lock_nats_one_by_one: () => rateOf(lock, { calls: CALLS / 8, atOnce: 1, keys: KEYS }),
      bare_kv_one_by_one: () => rateOf(bare, { calls: CALLS / 8, atOnce: 1, keys: KEYS }),
    });
    const ratio = (name: string, peer: string) => median(rates[name]!.map((rate, round) => rate / rates[peer]![round]!));
    return {
      ratios: {
        lock_nats_vs_kv: ratio('lock_nats', 'bare_kv'),
        lock_nats_one_by_one_vs_kv: ratio('lock_nats_one_by_one', 'bare_kv_one_by_one'),
      },
      figures: Object.fromEntries(
        Object.entries(rates).map(([name, all]) => [`${name}_create_delete_per_second`, Math.round(median(all) * 1000)]),
      ),
      missing: {},
    };
  } finally {
    await leases.stop();
    await connection.close();
    await state.close();
    await server.stop();
  }
}
