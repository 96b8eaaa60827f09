import { describe, expect, it } from 'vitest';
import type { InvocationEvent } from '../../host/observe/events.ts';
import { eventually, publish, type TestHost } from './harness.ts';
import { done, reportOf, shadowed, type Pair } from './shadow-pair.ts';

const V = (n: number) => `export default { async fetch() { return new Response("v${n}"); } };`;
const PAIR = { live: V(1), shadow: V(2), manifest: { limits: { deadline_ms: 2_000 } } };

export function shadowLifeCases(open: () => TestHost): void {
  const ended = (pair: Pair) =>
    eventually(async () => {
      const shadow = await open().admin.shadow(pair.name, pair.shadow.id);
      return shadow.end === null ? undefined : shadow;
    });

  describe('the life of a shadow', () => {
    it('ends with its time, and what it has written is removed a while later', async () => {
      const host = open();
      const pair = await shadowed(host, { ...PAIR, asked: { for: 4_000 } });
      await (await fetch(pair.url)).text();
      await reportOf(host, pair, (each) => done(each) === 1);
      expect((await ended(pair)).end).toMatchObject({ by: 'host', reason: 'its time was up' });
      await (await fetch(pair.url)).text();
      const shadow = await eventually(async () => {
        const each = await host.admin.shadow(pair.name, pair.shadow.id);
        return each.end!.cleared ? each : undefined;
      });
      expect(shadow.report.drawn).toBe(1);
    });

    it('is stopped by hand, and tells by whose', async () => {
      const host = open();
      const pair = await shadowed(host, PAIR);
      expect(pair.shadow).toMatchObject({ share: 100, alias: 'live', outbound: 'safe', baseline: false, until: null, end: null });
      await expect(host.admin.stopShadow(pair.name, pair.shadow.id, 7)).rejects.toMatchObject({ code: 'shadow-conflict' });
      const stopped = await host.admin.stopShadow(pair.name, pair.shadow.id, 1);
      expect(stopped.end).toMatchObject({ reason: 'stopped', cleared: false });
      expect(stopped.end!.by).toMatch(/^(?:token|local)/);
      await expect(host.admin.stopShadow(pair.name, pair.shadow.id)).rejects.toMatchObject({ code: 'shadow-conflict' });
      await (await fetch(pair.url)).text();
      expect((await host.admin.shadow(pair.name, 1)).report.drawn).toBe(0);
      const again = await host.admin.startShadow(pair.name, { to: pair.to, share: 0.5 });
      expect(again.id).toBe(2);
      expect((await host.admin.shadows(pair.name)).map(({ id }) => id)).toEqual([2, 1]);
    });

    it('ends when its version is removed, or its alias, or when they are one', async () => {
      const host = open();
      const removed = await shadowed(host, PAIR);
      await host.admin.removeVersion(removed.name, String(removed.to));
      expect((await ended(removed)).end!.reason).toBe('version 2 was removed');
      const moved = await shadowed(host, PAIR);
      await host.admin.moveAlias(moved.name, 'live', { versions: [{ version: 2, weight: 100 }] });
      expect((await ended(moved)).end!.reason).toBe('live names version 2 alone now');
      const other = await shadowed(host, PAIR);
      await host.admin.moveAlias(other.name, 'beta', { versions: [{ version: 1, weight: 100 }] });
      const beta = await host.admin.startShadow(other.name, { to: 2, share: 1, alias: 'beta' });
      await host.admin.removeAlias(other.name, 'beta');
      expect((await ended({ ...other, shadow: beta })).end!.reason).toBe('the alias beta was removed');
      expect((await host.admin.shadow(other.name, other.shadow.id)).end).toBe(null);
    });

    it('is refused where it cannot be', async () => {
      const host = open();
      const pair = await shadowed(host, PAIR);
      const { name } = pair;
      for (const [asked, code] of [
        [{ to: 2, share: 1 }, 'shadow-conflict'],
        [{ to: 9, share: 1, alias: 'live' }, 'version-not-found'],
        [{ to: 2, share: 1, alias: 'none' }, 'alias-not-found'],
        [{ to: 2, share: 0 }, 'shadow-invalid'],
        [{ to: 2, share: 101 }, 'shadow-invalid'],
        [{ to: 2, share: 1.234 }, 'shadow-invalid'],
        [{ to: 2, share: 1, for: 10 }, 'shadow-invalid'],
      ] as const)
        await expect(host.admin.startShadow(name, asked)).rejects.toMatchObject({ code });
      await expect(host.admin.shadow(name, 9)).rejects.toMatchObject({ code: 'shadow-not-found' });
      const single = await publish(host, V(3));
      await expect(host.admin.startShadow(single.name, { to: 1, share: 1 })).rejects.toMatchObject({ code: 'shadow-invalid' });
    });

    it('copies its share of the requests of its alias alone', async () => {
      const host = open();
      const pair = await shadowed(host, { ...PAIR, asked: { share: 30 } });
      for (let n = 0; n < 200; n += 10) await Promise.all(Array.from({ length: 10 }, async () => (await fetch(pair.url)).text()));
      await (await fetch(pair.url, { headers: { 'brink-version': '1' } })).text();
      await (await fetch(`${host.url}/${pair.name}@1/`)).text();
      const report = await reportOf(host, pair, (each) => each.drawn > 0 && done(each) === each.drawn);
      // With 30 % of 200, fewer than 20 or more than 105 come once in ten million runs.
      expect(report.drawn).toBeGreaterThan(20);
      expect(report.drawn).toBeLessThan(105);
    });

    it('does not count for releases, nor in bills, and its calls are told as what they are', async () => {
      const host = open();
      const pair = await shadowed(host, PAIR);
      await (await fetch(pair.url)).text();
      await reportOf(host, pair, (each) => done(each) === 1);
      const events = await eventually(() => {
        const found = host.events.filter((event): event is InvocationEvent => event.type === 'invocation' && event.function === pair.name);
        // Either may end first.
        return found.length >= 2 ? found.toSorted((a, b) => a.version - b.version) : undefined;
      });
      expect(events).toMatchObject([
        { trigger: 'http', version: 1 },
        { trigger: 'shadow', version: 2, status: 200 },
      ]);
      const { usage } = await host.admin.usage({ function: pair.name, by: 'version,trigger' });
      expect(usage).toMatchObject([{ version: 1, trigger: 'http', invocations: 1 }]);
    });

    it('goes with its function', async () => {
      const host = open();
      const pair = await shadowed(host, PAIR);
      await (await fetch(pair.url)).text();
      await host.admin.removeFunction(pair.name);
      await expect(host.admin.shadow(pair.name, 1)).rejects.toMatchObject({ code: 'function-not-found' });
    });
  });
}
