import type { ForwardableEmailMessage } from '../../../sdk/email.ts';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { fakeLocks, fakeQueue, fakeSchedules } from '../brink/bindings.ts';
import { componentOf, GENERATIONS, WIT } from '../wit/wit.ts';
import { batchOf, context, handlersOf, serve } from './guest.ts';

const TIME = 1_700_000_000_000;

function controllerOf(cron: string, more: object = {}) {
  const noRetry = vi.fn();
  return { type: 'scheduled', cron, scheduledTime: TIME, id: cron, attempt: 1, noRetry, ...more };
}

let lines: string[];
beforeEach(() => {
  lines = [];
  vi.spyOn(console, 'info').mockImplementation((line: string) => void lines.push(line));
});
afterEach(() => void vi.restoreAllMocks());

describe.each(['p2-events', 'p3-events'])('handlers of events: %s', (guest) => {
  const after = guest === 'p3-events' ? ['after the result'] : [];

  it('a component has the handlers that it exports, and no others', () => {
    expect(Object.keys(handlersOf(guest))).toEqual(['scheduled', 'queue']);
    expect(Object.keys(handlersOf('p3-hello'))).toEqual(['fetch']);
  });

  it('scheduled gets cron, time and payload, and ends with the guest’s code', async () => {
    const { scheduled } = handlersOf(guest);
    await scheduled!(controllerOf('* * * * *'), {}, context());
    await scheduled!(controllerOf('0 3 * * *', { payload: { job: 7 } }), {}, context());
    expect(lines).toEqual([`run 1: * * * * * at ${TIME} `, ...after, `run 1: 0 3 * * * at ${TIME} {"job":7}`, ...after]);
  });

  it('isolation = "instance" uses the instance again', async () => {
    const { scheduled } = handlersOf(guest, 'instance');
    await scheduled!(controllerOf('* * * * *'), {}, context());
    await scheduled!(controllerOf('* * * * *'), {}, context());
    expect(lines.filter((line) => line.startsWith('run'))).toEqual([`run 1: * * * * * at ${TIME} `, `run 2: * * * * * at ${TIME} `]);
  });

  it('an error that scheduled returns is thrown, one that is not to be tried again said so before', async () => {
    const { scheduled } = handlersOf(guest);
    const failed = controllerOf('1 1 1 1 *');
    await expect(scheduled!(failed, {}, context())).rejects.toMatchObject({ name: 'GuestError', message: 'not this time' });
    expect(failed.noRetry).not.toHaveBeenCalled();
    const never = controllerOf('2 2 2 2 *');
    await expect(scheduled!(never, {}, context())).rejects.toMatchObject({ name: 'GuestError', message: 'never' });
    expect(never.noRetry).toHaveBeenCalledOnce();
  });

  it('a trap is a GuestTrap, and costs one instance', async () => {
    const { scheduled } = handlersOf(guest, 'instance');
    await scheduled!(controllerOf('* * * * *'), {}, context());
    await expect(scheduled!(controllerOf('3 3 3 3 *'), {}, context())).rejects.toMatchObject({
      name: 'GuestTrap',
      message: expect.stringContaining('wasi:logging/logging log') as string,
    });
    await scheduled!(controllerOf('* * * * *'), {}, context());
    expect(lines.filter((line) => line.includes('* * * * *')).map((line) => line.slice(0, 5))).toEqual(['run 1', 'run 1']);
  });

  it('makes schedules through its binding', async () => {
    const env = { SCHEDULES: fakeSchedules() };
    await handlersOf(guest).scheduled!(controllerOf('4 4 4 4 *'), env, context());
    expect(lines.slice(1)).toEqual(['cancelled: true', 's2 Timing::Cron("0 5 * * *") None Some(1700000060000)']);
    expect([...env.SCHEDULES.all.values()]).toEqual([{ id: 's2', cron: '0 5 * * *', next: 1_700_000_060_000 }]);
  });

  it('a binding that is not there, or is another, is an error for the guest', async () => {
    const run = (env: object) => handlersOf(guest).scheduled!(controllerOf('4 4 4 4 *'), env as Record<string, unknown>, context());
    await expect(run({})).rejects.toThrow('AccessDenied("The function\'s manifest names no binding \\"SCHEDULES\\".")');
    await expect(run({ SCHEDULES: fakeQueue() })).rejects.toThrow('is no scheduler');
  });

  it('queue acks and retries message by message, what was said before a failure included', async () => {
    const { queue } = handlersOf(guest);
    const good = batchOf(['ack', 'retry', 'later', new TextEncoder().encode('ack')]);
    await queue!(good.batch, {}, context());
    expect(good.said).toEqual(['m0 acked', 'm1 retried', 'm2 retried after 30', 'm3 acked']);
    const failing = batchOf(['ack', 'fail', 'ack']);
    await expect(queue!(failing.batch, {}, context())).rejects.toMatchObject({ name: 'GuestError', message: 'cannot be done' });
    expect(failing.said).toEqual(['m0 acked']);
    const trapping = batchOf(['ack', 'trap']);
    await expect(queue!(trapping.batch, {}, context())).rejects.toMatchObject({ name: 'GuestTrap' });
    expect(trapping.said).toEqual(['m0 acked']);
  });

  it('queue acks and retries a batch', async () => {
    const { queue } = handlersOf(guest);
    const acked = batchOf(['a'], 'acked');
    await queue!(acked.batch, {}, context());
    const retried = batchOf(['a'], 'retried');
    await queue!(retried.batch, {}, context());
    expect([acked.said, retried.said]).toEqual([['all acked'], ['all retried after 5']]);
  });

  it('a message is sent on under a lock, with its body and type as they were', async () => {
    const env = { LOCKS: fakeLocks(), OUT: fakeQueue() };
    const bodies = ['täxt', new Uint8Array([0, 255]), { a: [1] }];
    await handlersOf(guest).queue!(batchOf(bodies).batch, env, context());
    const facts = (index: number, type: string, fence: number) =>
      `${index + 1} ${TIME + index} ContentType::${type} m${index} Mode::Exclusive fence ${fence} lost false`;
    expect(env.OUT.sent).toEqual([
      ['send', facts(0, 'Text', 41), { contentType: 'text' }],
      ['sendBatch', [{ body: 'täxt', contentType: 'text', delaySeconds: 2 }], { delaySeconds: 1 }],
      ['send', facts(1, 'Bytes', 42), { contentType: 'text' }],
      ['sendBatch', [{ body: new Uint8Array([0, 255]), contentType: 'bytes', delaySeconds: 2 }], { delaySeconds: 1 }],
      ['send', facts(2, 'Json', 43), { contentType: 'text' }],
      ['sendBatch', [{ body: { a: [1] }, contentType: 'json', delaySeconds: 2 }], { delaySeconds: 1 }],
    ]);
    expect(env.LOCKS.asked).toEqual(Array(3).fill({ mode: 'exclusive', ifAvailable: false, ttl: 5000 }));
    expect([...env.LOCKS.held]).toEqual([]);
  });

  it('a lock that the guest leaves held is released with its invocation', async () => {
    const env = { LOCKS: fakeLocks() };
    const ctx = context();
    // It holds the lock when it finds out that there is no queue to send to.
    await expect(handlersOf(guest).queue!(batchOf(['a']).batch, env, ctx)).rejects.toThrow('OUT');
    await Promise.all(ctx.open);
    expect(env.LOCKS.asked).toHaveLength(1);
    expect([...env.LOCKS.held]).toEqual([]);
  });

  it('a body that is neither bytes, text nor JSON fails before the guest is asked', async () => {
    const { batch, said } = batchOf(['ack', undefined]);
    await expect(handlersOf(guest).queue!(batch, {}, context())).rejects.toThrow('The message m1 cannot be given to a component');
    expect(said).toEqual([]);
  });
});

describe('a guest whose code goes on after its result', () => {
  it('a trap after the result fails the run as well', async () => {
    const { scheduled } = handlersOf('p3-events');
    await expect(scheduled!(controllerOf('5 5 5 5 *'), {}, context())).rejects.toMatchObject({ name: 'GuestTrap' });
    await scheduled!(controllerOf('* * * * *'), {}, context());
    expect(lines.at(-1)).toBe('after the result');
  });

  it('an instance that ends after its result is not used again', async () => {
    const { scheduled } = handlersOf('p3-events', 'instance');
    await scheduled!(controllerOf('5 5 5 5 *'), {}, context());
    await new Promise((resolve) => setTimeout(resolve, 0));
    await scheduled!(controllerOf('* * * * *'), {}, context());
    expect(lines.filter((line) => line.startsWith('run 1'))).toHaveLength(2);
  });
});

describe('a component with every handler', () => {
  it.each(GENERATIONS)('has them side by side, and a trap in one fails as in another: WASI %s', async (generation) => {
    const component = await componentOf(join(WIT, generation), 'service');
    const { fetch, scheduled, queue, email, ...others } = serve(component);
    expect(others).toEqual({});
    // Its code is `unreachable`.
    const trap = { name: 'GuestTrap' };
    await expect(fetch!(new Request('http://a.test/'), {}, context())).rejects.toMatchObject(trap);
    await expect(scheduled!(controllerOf('* * * * *'), {}, context())).rejects.toMatchObject(trap);
    await expect(queue!(batchOf(['a']).batch, {}, context())).rejects.toMatchObject(trap);
    const message = { raw: new Blob(['a']).stream() } as ForwardableEmailMessage;
    await expect(email!(message, {}, context())).rejects.toMatchObject(trap);
  });
});
