import { beforeAll, describe, expect, it } from 'vitest';
import type { InvocationEvent } from '../../host/observe/events.ts';
import { eventually, publish, type TestHost } from './harness.ts';
import { send } from './raw-request.ts';
import { mirror, seenBy } from './traffic-mirror.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const PARENT = 'b7ad6b7169203331';

export function logCases(current: () => TestHost): void {
  let host: TestHost;
  beforeAll(() => {
    host = current();
  });

  /** The first `count` invocations of a function, once there are so many. */
  const invocations = (name: string, count: number) =>
    eventually<InvocationEvent[]>(() => {
      const found = host.events.filter((event) => event.type === 'invocation' && event.function === name);
      return found.length >= count ? (found as InvocationEvent[]) : undefined;
    });

  describe('the log', () => {
    it('has one invocation for each request, with all of its facts', async () => {
      const { name } = await publish(host, `export default { fetch: () => new Response('made', { status: 201 }) };`);
      const before = Date.now();
      await send(host, { method: 'POST', path: `/${name}/a//b?secret=1`, body: 'x' });
      await send(host, { path: `/${name}@1/` });
      const [first, second, ...more] = await invocations(name, 2);
      expect(first).toEqual({
        type: 'invocation',
        time: expect.any(Number) as number,
        function: name,
        version: 1,
        alias: 'live',
        trigger: 'http',
        method: 'POST',
        path: '/a//b',
        status: 201,
        outcome: 'ok',
        durationMs: expect.any(Number) as number,
        cold: true,
        requestId: expect.stringMatching(/^[0-9a-f]{16}$/) as string,
        traceId: expect.stringMatching(/^[0-9a-f]{32}$/) as string,
      });
      expect(first!.time).toBeGreaterThanOrEqual(before - 1);
      expect(first!.time).toBeLessThanOrEqual(Date.now() + 1);
      expect(first!.durationMs).toBeGreaterThanOrEqual(0);
      expect(second).toMatchObject({ method: 'GET', path: '/', alias: null, cold: false });
      expect(second!.requestId).not.toBe(first!.requestId);
      expect(second!.traceId).not.toBe(first!.traceId);
      expect(more).toEqual([]);
    });

    it('is what the admin API gives for the function', async () => {
      const { name } = await publish(host, mirror());
      const { brink } = await seenBy(host, { path: `/${name}/` });
      const events = await eventually(async () => {
        const found = (await host.admin.logs({ function: name })).filter(({ type }) => type === 'invocation');
        return found.length > 0 ? found : undefined;
      });
      expect(events).toMatchObject([{ function: name, requestId: brink.requestId }]);
    });

    it('has the code of what went wrong as outcome, with the status that the client got', async () => {
      const { name } = await publish(host, `export default { fetch() { throw new Error('on purpose'); } };`);
      const response = await send(host, { path: `/${name}/` });
      const [event] = await invocations(name, 1);
      expect(event).toMatchObject({ status: 500, outcome: 'handler-threw' });
      expect([response.status, response.json]).toMatchObject([500, { code: 'handler-threw', requestId: event!.requestId }]);
    });

    it('has the start of each version as cold', async () => {
      const { name } = await publish(host, mirror('one'));
      await publish(host, mirror('two'), { name });
      for (const reference of ['1', '2', '1', '2']) await seenBy(host, { path: `/${name}@${reference}/` });
      expect((await invocations(name, 4)).map(({ version, cold }) => [version, cold])).toEqual([
        [1, true],
        [2, true],
        [1, false],
        [2, false],
      ]);
    });

    it('has a scheduled run with its trigger, and nothing of HTTP', async () => {
      const { name } = await publish(host, `export default { scheduled() {} };`);
      await host.admin.scheduled(name, { cron: '* * * * *' });
      const [event] = await invocations(name, 1);
      expect(event).toMatchObject({
        trigger: 'scheduled',
        method: null,
        path: null,
        status: null,
        outcome: 'ok',
        alias: 'live',
        version: 1,
      });
    });
  });

  describe('a trace', () => {
    it('goes on from the caller to the function and the log', async () => {
      const { name } = await publish(host, mirror());
      const { brink, headers } = await seenBy(host, { path: `/${name}/`, headers: { traceparent: `00-${TRACE}-${PARENT}-01` } });
      const [event] = await invocations(name, 1);
      expect(event!.traceId).toBe(TRACE);
      expect(event!.requestId).toBe(brink.requestId);
      expect(brink.traceparent).toBe(`00-${TRACE}-${brink.requestId}-01`);
      expect(brink.requestId).not.toBe(PARENT);
      expect(headers['traceparent']).toBe(`00-${TRACE}-${PARENT}-01`);
    });

    it('begins here where the caller has none, or none that can be read', async () => {
      const { name } = await publish(host, mirror());
      const unreadable = ['nonsense', `00-${TRACE}-${'0'.repeat(16)}-01`, `00-${'0'.repeat(32)}-${PARENT}-01`, `ff-${TRACE}-${PARENT}-01`];
      for (const headers of [{}, ...unreadable.map((traceparent) => ({ traceparent }))]) {
        const { brink } = await seenBy(host, { path: `/${name}/`, headers });
        expect(brink.traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
        expect(brink.traceparent).not.toContain(TRACE);
      }
    });

    it('begins here where the caller names two (W3C Trace Context, section 3.2)', async () => {
      const { name } = await publish(host, mirror());
      const other = TRACE.replaceAll('0', '1');
      const headers = { traceparent: [`00-${TRACE}-${PARENT}-01`, `00-${other}-${PARENT}-01`] };
      const { brink } = await seenBy(host, { path: `/${name}/`, headers });
      expect(brink.traceparent).not.toContain(TRACE);
      expect(brink.traceparent).not.toContain(other);
    });
  });
}
