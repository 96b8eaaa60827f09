import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, publish, type OpenHost, type TestHost } from '../conformance/harness.ts';
import { publishComponent } from '../conformance/publish-component.ts';

const GUESTS = new URL('../component/guests/', import.meta.url);
/** What `guests/locks` has seen while it held the lock. */
const SEEN = /^held guest exclusive kept not-available timed-out other 1 held 0 pending fence (\d+)$/;

/** The same locks through `brink:locks`. */
export function componentLocksSuite(open: OpenHost): void {
  describe('locks of components', () => {
    let host: TestHost;
    beforeAll(async () => {
      host = await open();
    });
    afterAll(() => host.stop());

    const deploy = (guest: string, config = 'locks = [{ binding = "LOCKS", id = "guests" }]') =>
      publishComponent(host, new Uint8Array(readFileSync(new URL(`${guest}.wasm`, GUESTS))), config);
    const linesOf = (name: string, count: number) =>
      eventually(() => {
        const lines = host.events.flatMap((event) => (event.type === 'console' && event.function === name ? [event.message] : []));
        return lines.length >= count ? lines : undefined;
      });

    it.each(['p2-locks', 'p3-locks'])('%s acquires, waits, asks and releases', async (guest) => {
      const { name } = await deploy(guest);
      for (const cron of ['1 * * * *', '1 * * * *']) await host.admin.scheduled(name, { cron });
      const lines = await linesOf(name, 4);
      const fences = lines.flatMap((line) => SEEN.exec(line)?.[1] ?? []).map(Number);
      expect(lines.map((line) => line.replace(/\d+$/, 'N'))).toEqual(
        Array.from({ length: 2 }, () => [expect.stringMatching(/^held/), 'released']).flat(),
      );
      expect(fences[1]).toBeGreaterThan(fences[0]!);
    });

    it.each(['p2-locks', 'p3-locks'])('%s holds no lock when it has ended or trapped, and functions share it by its id', async (guest) => {
      const { name } = await deploy(guest);
      const { url } = await publish(
        host,
        `export default { async fetch(_request, { LOCKS }) {
          await using lock = await LOCKS.acquire('guest', { wait: 5_000 });
          return Response.json(lock.fence);
        } }`,
        { alias: 'live', manifest: { locks: [{ binding: 'LOCKS', id: 'guests' }] } },
      );
      await host.admin.scheduled(name, { cron: '2 * * * *' });
      const after = (await (await fetch(url)).json()) as number;
      await expect(host.admin.scheduled(name, { cron: '3 * * * *' })).rejects.toMatchObject({ code: 'guest-trapped' });
      const fences = (await linesOf(name, 2)).map((line) => Number(SEEN.exec(line)?.[1]));
      expect((await (await fetch(url)).json()) as number).toBeGreaterThan(fences[1]!);
      expect([fences[0]! < after, after < fences[1]!]).toEqual([true, true]);
    });

    it.each(['p2-locks', 'p3-locks'])('%s finds none that its manifest does not name', async (guest) => {
      const { name } = await deploy(guest, '');
      await host.admin.scheduled(name, { cron: '1 * * * *' });
      expect(await linesOf(name, 1)).toEqual(['open: access-denied']);
    });
  });
}
