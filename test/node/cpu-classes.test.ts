import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import type { NoticeEvent } from '../../host/observe/events.ts';
import { openNode } from '../conformance/harness-node.ts';
import { eventually, publish, type TestHost } from '../conformance/harness.ts';

/** `/?ms=` computes for so long. */
const SPIN = `export default { fetch(request) { const end = performance.now() + Number(new URL(request.url).searchParams.get('ms') ?? 0);
  while (performance.now() < end); return new Response('done') } }`;
const HELD_BACK = /^Cells of the class "batch" have used the CPU time of their 0\.3 cores: calls of its functions wait\.$/;
const LET_GO = /^Cells of the class "batch" have CPU time again: calls of its functions begin at once; [1-9]\d* had to wait\.$/;
const CORES = 0.3;
/** One call is soon beyond it, also where the machine has others to run. */
const LITTLE = 0.05;

describe('a class with a budget of CPU time, on Node', () => {
  let host: TestHost | undefined;
  afterEach(async () => {
    await host?.stop();
    host = undefined;
  });
  const open = async (cores: number) => (host = await openNode({ pool: { cpu: { batch: cores } } }));
  const spinning = (scaling: Record<string, unknown> = {}) =>
    publish(host!, SPIN, { manifest: { scaling: { class: 'batch', max_cells: 1, ...scaling } } });
  const batch = async () => (await host!.admin.cellsAndClasses()).classes.find(({ name }) => name === 'batch')!;
  const heldBack = async (held = true) => ((await batch()).cpu?.heldBack === held ? true : undefined);
  const notices = () => host!.events.filter((event): event is NoticeEvent => event.type === 'host').map(({ message }) => message);

  it('uses its cores and no more, however much its functions are called, and those of other classes are answered all along', async () => {
    await open(CORES);
    const quiet = await publish(host!, `export default { fetch: () => new Response('well') }`);
    const [one, two] = [await spinning(), await spinning()];
    let stop = false;
    onTestFinished(() => void (stop = true));
    const statuses: number[] = [];
    const clients = [one, two, one, two].map(async ({ url }) => {
      while (!stop) statuses.push((await fetch(`${url}?ms=100`)).status);
    });
    await eventually(heldBack);

    const [before, since] = [process.cpuUsage(), performance.now()];
    const waits: number[] = [];
    while (performance.now() - since < 5_000) {
      const sent = performance.now();
      const response = await fetch(quiet.url);
      expect([response.status, await response.text()]).toEqual([200, 'well']);
      waits.push(performance.now() - sent);
      await sleep(20);
    }
    const { user, system } = process.cpuUsage(before);
    // Of the whole process: this test and the quiet function are part of it. Two threads that spin would take all of two cores.
    const used = (user + system) / 1_000 / (performance.now() - since);
    const { cells, cpu } = await batch();
    stop = true;
    await Promise.all(clients);
    expect(used).toBeGreaterThan(CORES / 2);
    expect(used).toBeLessThan(CORES + 0.35);
    expect(cpu!.used).toBeGreaterThan(CORES / 3);
    expect(cpu!.used).toBeLessThan(CORES * 1.5);
    expect(cells).toBe(2);
    expect(waits.length).toBeGreaterThan(10);
    expect(waits.toSorted((a, b) => a - b)[Math.floor(waits.length / 2)]).toBeLessThan(250);
    expect(new Set(statuses)).toEqual(new Set([200]));
    await eventually(() => heldBack(false));
    // One of each, but where the machine gave the cells less than their budget for a second.
    const changes = notices().filter((message) => message.startsWith('Cells of the class'));
    expect(changes.length % 2).toBe(0);
    for (const [index, message] of changes.entries()) expect(message).toMatch(index % 2 === 0 ? HELD_BACK : LET_GO);
    expect(changes.length).toBeGreaterThan(0);
  });

  it('what waits too long for it is refused and says so; who was called by another function does not wait', async () => {
    await open(LITTLE);
    const { name, url } = await spinning({ queue_ms: 200 });
    const caller = await publish(host!, `export default { fetch: (request, env) => env.SPIN.fetch(request) }`, {
      manifest: { services: [{ binding: 'SPIN', service: name }] },
    });
    expect((await fetch(`${url}?ms=1000`)).status).toBe(200);
    const refused = await eventually(async () => {
      const response = await fetch(url);
      return response.status === 503 ? response : undefined;
    });
    expect(await refused.json()).toMatchObject({ code: 'overloaded', budget: 'cpu', class: 'batch', limit: LITTLE });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(1);
    expect(await (await fetch(caller.url)).text()).toBe('done');
    expect(await batch()).toMatchObject({ cpu: { limit: LITTLE, heldBack: true } });
  });

  it('a cell that is ended for its CPU time has used what it did until then', async () => {
    await open(LITTLE);
    const { url } = await publish(host!, SPIN, { manifest: { scaling: { class: 'batch', queue_ms: 100 }, limits: { cpu_ms: 1_000 } } });
    expect(await (await fetch(`${url}?ms=20000`)).json()).toMatchObject({ code: 'cpu-exceeded' });
    const refused = await fetch(url);
    expect(await refused.json()).toMatchObject({ code: 'overloaded', budget: 'cpu' });
  });
});
