import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { becomes, isOver, publishPair, sendTraffic } from '../conformance/release-traffic.ts';
import { openNode } from '../conformance/harness-node.ts';
import type { TestHost } from '../conformance/harness.ts';
import { onNats } from './on-nats.ts';
import { startNatsServer, type NatsServer } from './server.ts';

onNats('releases of two hosts on one NATS', () => {
  let server: NatsServer;
  let a: TestHost;
  let b: TestHost;

  beforeAll(async () => {
    server = await startNatsServer();
    const nats = { url: server.url };
    [a, b] = await Promise.all([openNode({ nats, token: 'the-same-token' }), openNode({ nats, token: 'the-same-token' })]);
  });
  afterAll(async () => {
    await Promise.all([a.stop(), b.stop()]);
    await server.stop();
  });

  it('move the alias once for each step, and count what both answer', async () => {
    const { name, version, url } = await publishPair(a);
    const traffic = [sendTraffic(url, 2), sendTraffic(`${b.url}/${name}/`, 2)];
    onTestFinished(async () => void (await Promise.all(traffic.map((each) => each.stop()))));
    const plan = { to: version, steps: [30, 60, 100], every: 1_000, guard: 'error_rate<5% && requests>=60' };
    const { id } = await b.admin.askRelease(name, plan);
    const release = await becomes(a, { name, id }, isOver);
    await Promise.all(traffic.map((each) => each.stop()));
    expect(release.state).toBe('done');
    const moves = (await b.admin.history(name)).filter(({ by }) => by === `release ${id}`);
    expect(moves.map(({ to, revision }) => [to!.at(-1)!.weight, revision])).toEqual([
      [100, 4],
      [60, 3],
      [30, 2],
    ]);
  });

  it('roll back a version that fails, though the other host gets its requests', async () => {
    const { name, version, url } = await publishPair(a, { bad: `if (calls % 5 === 0) throw new Error('no');` });
    const other = `${b.url}/${name}/`;
    await fetch(url);
    const traffic = sendTraffic(other, 4);
    onTestFinished(traffic.stop);
    const { id } = await a.admin.askRelease(name, { to: version, steps: [50, 100], every: 60_000, guard: 'error_rate<1%' });
    const release = await becomes(a, { name, id }, isOver);
    await traffic.stop();
    expect([release.state, release.figures[0]!.new.requests > 10]).toEqual(['rolled-back', true]);
    expect((await b.admin.alias(name, 'live')).versions).toEqual([{ version: 1, weight: 100 }]);
  });
});
