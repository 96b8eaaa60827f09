import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HostOptions } from '../../host/platforms/running.ts';
import { eventually, publish, type TestHost } from '../conformance/harness.ts';
import { publishComponent } from '../conformance/publish-component.ts';
import { moduleSource } from './module-source.ts';
import type { Fired } from './schedules-function.ts';
import { removeFolder } from '../remove-folder.ts';

const GUESTS = new URL('../component/guests/', import.meta.url);
const SECOND = { every: '1s', name: 'second' };

/** That a host keeps the times of its functions, whatever becomes of their versions. */
export function schedulesHostSuite(open: (options?: Partial<HostOptions>) => Promise<TestHost>): void {
  describe('a host with schedules', () => {
    let host: TestHost;
    let source: string;
    beforeAll(async () => {
      [host, source] = [await open(), await moduleSource('schedules-function.ts')];
    });
    afterAll(() => host.stop());

    const deploy = (manifest: Record<string, unknown>, more: { name?: string; alias?: string; text?: string } = {}) =>
      publish(host, `${source}\n// ${more.text ?? ''}`, { alias: 'live', manifest, ...more });
    const firedAt = async (url: string) => (await (await fetch(url)).json()) as Fired[];
    const listed = async (name: string) => (await host.admin.schedules(name)).map(({ id }) => id);

    it('fires what a manifest declares, with its payload', async () => {
      const { name, url } = await deploy({
        schedules: [{ ...SECOND, every: '3s', payload: { from: 'manifest' } }],
        triggers: { crons: ['0 0 1 1 *'] },
      });
      const due = (await host.admin.schedules(name)).find(({ id }) => id === 'second')!.next!;
      const fired = await eventually(async () => ((await firedAt(url)).length >= 2 ? firedAt(url) : undefined));
      expect(fired.slice(0, 2)).toMatchObject([
        { id: 'second', cron: '', scheduledTime: due, attempt: 1, payload: { from: 'manifest' } },
        { scheduledTime: due + 3_000 },
      ]);
      // What became of a run is written after it.
      const [, run] = await eventually(async () => {
        const runs = (await host.admin.runs(name)).toReversed();
        return runs.length >= 2 ? runs : undefined;
      });
      expect(run).toMatchObject({
        function: name,
        schedule: 'second',
        declared: true,
        due: due + 3_000,
        outcome: 'ok',
        version: 1,
        attempt: 1,
      });
      const next = new Date(new Date().getUTCFullYear() + 1, 0, 1);
      expect(await host.admin.schedules(name)).toMatchObject([
        { id: '0 0 1 1 *', cron: '0 0 1 1 *', declared: true, next: Date.UTC(next.getFullYear(), 0, 1) },
        { id: 'second', every: 3_000 },
      ]);
      const event = await eventually(() =>
        host.events.find((each) => each.type === 'invocation' && each.function === name && each.trigger === 'scheduled'),
      );
      expect(event).toMatchObject({ alias: 'live', version: 1, outcome: 'ok' });
      await host.admin.removeFunction(name);
    });

    it('follows publish, alias, rollback and rm at once', async () => {
      const { name } = await deploy({ triggers: { crons: ['0 1 * * *', '0 2 * * *'] } });
      expect(await listed(name)).toEqual(['0 1 * * *', '0 2 * * *']);
      await deploy({ triggers: { crons: ['0 2 * * *'] }, schedules: [{ cron: '0 3 * * *', timezone: 'Europe/Berlin' }] }, { name });
      expect(await listed(name)).toEqual(['0 2 * * *', '0 3 * * *']);
      await deploy({ triggers: { crons: ['0 4 * * *'] } }, { name, alias: 'beta' });
      expect(await listed(name)).toEqual(['0 2 * * *', '0 3 * * *']);
      await host.admin.moveAlias(name, 'live', {
        versions: [
          { version: 1, weight: 90 },
          { version: 3, weight: 10 },
        ],
      });
      expect(await listed(name)).toEqual(['0 1 * * *', '0 2 * * *', '0 4 * * *']);
      await host.admin.rollback(name, 'live');
      expect(await listed(name)).toEqual(['0 2 * * *', '0 3 * * *']);
      await host.admin.removeAlias(name, 'live');
      expect(await listed(name)).toEqual([]);
      await host.admin.removeFunction(name);
      await expect(host.admin.schedules(name)).rejects.toMatchObject({ code: 'function-not-found' });
    });

    it('a version of an alias is not called for what another one declares', async () => {
      const { name, url } = await deploy({ schedules: [SECOND] });
      await deploy({}, { name, alias: 'beta', text: 'declares nothing' });
      await host.admin.moveAlias(name, 'live', {
        versions: [
          { version: 1, weight: 50 },
          { version: 2, weight: 50 },
        ],
      });
      const runs = await eventually(async () => {
        const all = await host.admin.runs(name, { schedule: 'second' });
        return all.some(({ outcome }) => outcome === 'ok') && all.some(({ outcome }) => outcome === 'undeclared') ? all : undefined;
      });
      for (const { outcome, version } of runs) expect(version).toBe(outcome === 'ok' ? 1 : 2);
      expect((await firedAt(`${url.slice(0, -1)}@2/`)).length).toBe(0);
      await host.admin.removeFunction(name);
    });

    it('a function that goes takes what it made along', async () => {
      const { name, url } = await deploy({ schedules: [{ binding: 'SCHEDULES' }] });
      const create = (id: string) =>
        fetch(url, { method: 'POST', body: JSON.stringify({ method: 'create', args: [{ id, every: '1h' }] }) });
      await create('mine');
      expect(await host.admin.schedules(name)).toMatchObject([{ id: 'mine', declared: false, every: 3_600_000 }]);
      await host.admin.removeFunction(name);
      await deploy({ schedules: [{ binding: 'SCHEDULES' }] }, { name });
      expect(await listed(name)).toEqual([]);
      await create('other');
      await host.admin.cancelSchedule(name, 'other');
      await expect(host.admin.cancelSchedule(name, 'other')).rejects.toMatchObject({ code: 'schedule-not-found' });
      expect(await listed(name)).toEqual([]);
    });

    it('the admin API cancels nothing that a manifest declares', async () => {
      const { name } = await deploy({ triggers: { crons: ['0 5 * * *'] } });
      await expect(host.admin.cancelSchedule(name, '0 5 * * *')).rejects.toMatchObject({
        code: 'schedule-not-found',
        message: expect.stringMatching(/publish a version without it/) as string,
      });
    });

    it.each(['p2-events', 'p3-events'])('a component makes schedules, and runs for those of its manifest: %s', async (guest) => {
      const wasm = readFileSync(new URL(`${guest}.wasm`, GUESTS));
      const config = `[[schedules]]\nbinding = "SCHEDULES"\n[[schedules]]\nname = "second"\nevery = "1s"\npayload = { job = 7 }\n`;
      const { name } = await publishComponent(host, wasm, config);
      const lines = () => host.events.flatMap((event) => (event.type === 'console' && event.function === name ? [event.message] : []));
      // The guest makes two schedules, cancels one, and lists the other.
      await host.admin.scheduled(name, { cron: '4 4 4 4 *' });
      const made = (await host.admin.schedules(name)).find(({ declared }) => !declared)!;
      expect(made).toMatchObject({ cron: '0 5 * * *', overlap: 'allow', misfire: 'once' });
      const line = await eventually(() => lines().find((each) => each.startsWith(made.id)));
      expect(line).toBe(`${made.id} Timing::Cron("0 5 * * *") None Some(${made.next})`);
      const run = await eventually(() => lines().find((each) => each.includes('{"job":7}')));
      expect(run).toMatch(/^run 1:  at \d{13} \{"job":7\}$/);
      await host.admin.removeFunction(name);
    });

    it('its clock cannot be moved', async () => {
      await expect(host.admin.tick(1_000)).rejects.toMatchObject({ code: 'not-found' });
    });

    it('functions do not see each other’s', async () => {
      const [one, two] = [await deploy({ schedules: [{ binding: 'SCHEDULES' }] }), await deploy({ schedules: [{ binding: 'SCHEDULES' }] })];
      const run = async (url: string, method: string, ...args: unknown[]) =>
        ((await (await fetch(url, { method: 'POST', body: JSON.stringify({ method, args }) })).json()) as { value: unknown }).value;
      await run(one.url, 'create', { id: 'a', every: '1h' });
      expect(await run(two.url, 'list')).toEqual([]);
      expect(await run(two.url, 'cancel', 'a')).toBe(false);
      expect(await run(one.url, 'cancel', 'a')).toBe(true);
    });
  });

  it('schedules go on in the next host, and what was missed meanwhile runs', async () => {
    const state = mkdtempSync(join(tmpdir(), 'brink-schedules-'));
    try {
      const source = await moduleSource('schedules-function.ts');
      const first = await open({ state });
      const manifest = { schedules: [{ binding: 'SCHEDULES' }, { cron: '0 0 1 1 *', name: 'yearly' }] };
      const { name, url } = await publish(first, source, { alias: 'live', manifest });
      const at = Date.now() + 2_000;
      await fetch(url, { method: 'POST', body: JSON.stringify({ method: 'create', args: [{ id: 'kept', at, payload: 7 }] }) });
      await first.stop();
      await new Promise((resolve) => setTimeout(resolve, at + 100 - Date.now()));
      const second = await open({ state });
      const fired = await eventually(async () => {
        const all = (await (await fetch(`${second.url}/${name}/`)).json()) as Fired[];
        return all.length > 0 ? all : undefined;
      }, 20_000);
      expect(fired).toMatchObject([{ id: 'kept', scheduledTime: at, payload: 7, attempt: 1 }]);
      expect((await second.admin.schedules(name)).map(({ id }) => id)).toEqual(['yearly']);
      await second.stop();
    } finally {
      removeFolder(state);
    }
  });
}
