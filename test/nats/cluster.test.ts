import { createServer, type AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { jetstreamManager } from '@nats-io/jetstream';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { isUnavailable } from '../../host/errors.ts';
import { isAtLeast, REPLICAS_VERSION } from '../../host/stores/nats/setup.ts';
import { leaveOut } from '../left-out.ts';
import { onNats } from './on-nats.ts';
import { natsVersion, startNatsServer, type NatsServer } from './server.ts';
import { openOn } from './state.ts';

const able = natsVersion !== null && isAtLeast(natsVersion, REPLICAS_VERSION);

onNats('a cluster of three', () => {
  if (!able) {
    const why = `the nats-server of this machine is ${natsVersion}, which loses writes on several servers; it takes ${REPLICAS_VERSION}`;
    it('keeps what was acknowledged', (context) => leaveOut(context, why));
    return;
  }
  let servers: NatsServer[];
  beforeAll(async () => {
    const ports = await Promise.all([1, 2, 3].map(freePort));
    const routes = ports.map((port) => `nats://127.0.0.1:${port}`).join(',');
    servers = await Promise.all(
      ports.map((port, index) =>
        startNatsServer({
          args: ['-n', `n${index}`, '--cluster_name', 'test', '--cluster', `nats://127.0.0.1:${port}`, '--routes', routes],
        }),
      ),
    );
  });
  afterAll(() => Promise.all(servers.map((server) => server.stop())));

  it('keeps what was acknowledged when the server that leads is killed, and goes on', async () => {
    const url = servers.map((server) => server.url).join(',');
    // Until it has elected who leads, there is no JetStream.
    const state = await patiently(() => openOn(url, { prefix: 'three', replicas: 3 }));
    const other = await openOn(url, { prefix: 'three' });
    const manager = await jetstreamManager(state.connection.connection);
    const { cluster, config } = await manager.streams.info('KV_three_state');
    expect([config.num_replicas, config.allow_direct]).toEqual([3, false]);

    let acknowledged = 0;
    let unknown = 0;
    let going = true;
    onTestFinished(() => void (going = false));
    const count = async ({ bindings: store }: typeof state) => {
      while (going) {
        try {
          const entry = await store.get('count');
          const next = Number(new TextDecoder().decode(entry?.value ?? new Uint8Array())) + 1;
          const written = await store.put('count', new TextEncoder().encode(String(next)), { ifRevision: entry?.revision ?? 0 });
          if (written !== null) acknowledged++;
        } catch (error) {
          if (!isUnavailable(error)) throw error;
          unknown++;
        }
      }
    };
    const counting = [state, state, other].map(count);
    await wait(500);
    const before = acknowledged;
    await servers[Number(cluster!.leader!.slice(1))]!.kill();
    await expect.poll(() => acknowledged, { timeout: 30_000 }).toBeGreaterThan(before + 50);
    going = false;
    await Promise.all(counting);
    const sum = Number(new TextDecoder().decode((await other.bindings.get('count'))!.value));
    expect(sum).toBeGreaterThanOrEqual(acknowledged);
    expect(sum).toBeLessThanOrEqual(acknowledged + unknown);
    await Promise.all([state.close(), other.close()]);
  });
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function patiently<Value>(work: () => Promise<Value>): Promise<Value> {
  for (const end = Date.now() + 20_000; ; await wait(100)) {
    try {
      return await work();
    } catch (error) {
      if (Date.now() > end) throw error;
    }
  }
}
