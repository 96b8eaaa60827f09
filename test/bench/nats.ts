import { Kvm } from '@nats-io/kv';
import { connect } from '@nats-io/transport-node';
import { natsVersion, startNatsServer } from '../nats/server.ts';
import { openOn } from '../nats/state.ts';
import { interleaved, median } from './peers.ts';
import { rateOf } from './rate-of.ts';
import type { BenchResult } from './run.ts';

const KEYS = 500;
const CALLS = 2_000;
const AT_ONCE = 64;
const VALUE = new TextEncoder().encode('x'.repeat(100));

/** A store on NATS against the bare client of its KV, on one server and in the same run. */
export async function bench(): Promise<BenchResult> {
  const ratios = ['nats_get_vs_kv', 'nats_put_vs_kv', 'nats_get_one_by_one_vs_kv', 'nats_put_one_by_one_vs_kv'];
  if (natsVersion === null) {
    const why = 'there is no nats-server on this machine; `apt-get install nats-server`';
    return { ratios: {}, figures: {}, missing: Object.fromEntries(ratios.map((ratio) => [ratio, why])) };
  }
  const server = await startNatsServer();
  const state = await openOn(server.url);
  const connection = await connect({ servers: server.url });
  try {
    const kv = await new Kvm(connection).create('bare');
    const store = state.bindings;
    const ours = {
      get: (key: string) => store.get(`kv/id%2Fbench/${key}`),
      put: (key: string) => store.put(`kv/id%2Fbench/${key}`, VALUE),
    };
    const bare = { get: (key: string) => kv.get(`kv.id.bench.${key}`), put: (key: string) => kv.put(`kv.id.bench.${key}`, VALUE) };
    for (const { put } of [ours, bare]) await rateOf(put, { calls: KEYS, atOnce: AT_ONCE, keys: KEYS });
    const rates = await interleaved(
      Object.fromEntries(
        (['get', 'put'] as const).flatMap((call) => [
          [`nats_${call}`, () => rateOf(ours[call], { calls: CALLS, atOnce: AT_ONCE, keys: KEYS })],
          [`bare_kv_${call}`, () => rateOf(bare[call], { calls: CALLS, atOnce: AT_ONCE, keys: KEYS })],
          [`nats_${call}_one_by_one`, () => rateOf(ours[call], { calls: CALLS / 4, atOnce: 1, keys: KEYS })],
          [`bare_kv_${call}_one_by_one`, () => rateOf(bare[call], { calls: CALLS / 4, atOnce: 1, keys: KEYS })],
        ]),
      ),
      2,
    );
    const ratio = (name: string, peer: string) => median(rates[name]!.map((rate, round) => rate / rates[peer]![round]!));
    const names = ['get', 'put', 'get_one_by_one', 'put_one_by_one'];
    return {
      ratios: Object.fromEntries(names.map((name, index) => [ratios[index]!, ratio(`nats_${name}`, `bare_kv_${name}`)])),
      figures: Object.fromEntries(Object.entries(rates).map(([name, all]) => [`${name}_per_second`, Math.round(median(all) * 1000)])),
    };
  } finally {
    await connection.close();
    await state.close();
    await server.stop();
  }
}
