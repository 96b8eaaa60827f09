import { describe, expect, it } from 'vitest';
import type { ConsoleEvent, HostEvent, InvocationEvent } from '../../host/observe/events.ts';
import { createMemoryLog } from '../../host/observe/log.ts';

describe('createMemoryLog()', () => {
  it('recent() gives the newest events, oldest first, 100 where no limit is given', async () => {
    const log = createMemoryLog();
    emit(log.emit, 150);
    expect(messages(await log.recent({ limit: 3 }))).toEqual(['147', '148', '149']);
    expect(await log.recent()).toHaveLength(100);
    expect(messages(await log.recent()).at(0)).toBe('50');
  });

  it('recent() of a function leaves the others out before it counts', async () => {
    const log = createMemoryLog();
    log.emit(line('shop', 'mine'));
    emit(log.emit, 500, 'blog');
    expect(messages(await log.recent({ function: 'shop', limit: 2 }))).toEqual(['mine']);
    expect(await log.recent({ function: 'nothing' })).toEqual([]);
  });

  it('keeps the newest thousand, in order, however often the ring went round', async () => {
    const log = createMemoryLog();
    emit(log.emit, 2_500);
    const kept = messages(await log.recent({ limit: 10_000 }));
    expect(kept).toEqual(Array.from({ length: 1_000 }, (_, index) => String(1_500 + index)));
  });

  it('what recent() gave does not change with later events', async () => {
    const log = createMemoryLog();
    emit(log.emit, 2);
    const before = await log.recent();
    emit(log.emit, 2_000);
    expect(messages(before)).toEqual(['0', '1']);
  });

  it('gives invocations back as they were, among other events, however often the ring went round', async () => {
    const log = createMemoryLog();
    const odd: HostEvent = {
      ...ended(1_999),
      alias: null,
      trigger: 'queue',
      method: null,
      path: null,
      status: null,
      outcome: 'deadline-exceeded',
    };
    for (let index = 0; index < 1_999; index++) log.emit(index % 3 === 0 ? line('shop', String(index)) : ended(index));
    log.emit(odd);
    expect(await log.recent({ limit: 2 })).toEqual([line('shop', '1998'), odd]);
    expect(await log.recent({ limit: 1_000, function: 'blog' })).toEqual(
      [...Array(1_000).keys()]
        .map((index) => index + 1_000)
        .filter((index) => index % 3 !== 0)
        .map((index) => (index === 1_999 ? odd : ended(index))),
    );
  });

  it('hands each event to its sink', () => {
    const seen: HostEvent[] = [];
    const log = createMemoryLog((event) => seen.push(event));
    emit(log.emit, 3);
    expect(messages(seen)).toEqual(['0', '1', '2']);
  });

  it('follow() gives what there was, then each event as it happens, a line of JSON each', async () => {
    const log = createMemoryLog();
    emit(log.emit, 3);
    const reader = lines(await log.follow({ limit: 2 }));
    expect([await reader.next(), await reader.next()].map(({ value }) => value?.message)).toEqual(['1', '2']);
    const next = reader.next();
    log.emit(line('shop', 'a\nb'));
    expect((await next).value).toEqual(line('shop', 'a\nb'));
    await reader.return(undefined);
  });

  it('follow() of a function gives no other', async () => {
    const log = createMemoryLog();
    const reader = lines(await log.follow({ function: 'shop' }));
    log.emit(line('blog', 'theirs'));
    log.emit(line('shop', 'mine'));
    expect((await reader.next()).value?.message).toBe('mine');
    await reader.return(undefined);
  });

  it('two followers each get everything, and one that cancels does not disturb the other', async () => {
    const log = createMemoryLog();
    const one = lines(await log.follow());
    const two = lines(await log.follow());
    log.emit(line('shop', 'first'));
    expect((await one.next()).value?.message).toBe('first');
    await one.return(undefined);
    log.emit(line('shop', 'second'));
    expect([(await two.next()).value?.message, (await two.next()).value?.message]).toEqual(['first', 'second']);
    await two.return(undefined);
  });

  it('cuts off a reader that falls behind, and no other', async () => {
    const log = createMemoryLog();
    const slow = (await log.follow()).getReader();
    const quick = (await log.follow()).getReader();
    let read = 0;
    for (let round = 0; round < 12; round++) {
      emit(log.emit, 1_000);
      for (let index = 0; index < 1_000; index++, read++) await quick.read();
    }
    expect(read).toBe(12_000);
    await expect(slow.read()).rejects.toThrow('behind');
    log.emit(line('shop', 'still here'));
    expect(new TextDecoder().decode((await quick.read()).value)).toContain('still here');
    await quick.cancel();
  });
});

function line(name: string, message: string): ConsoleEvent {
  return { type: 'console', time: 1, function: name, version: 1, level: 'log', message, requestId: null };
}

function emit(sink: (event: HostEvent) => void, count: number, name = 'shop'): void {
  for (let index = 0; index < count; index++) sink(line(name, String(index)));
}

function messages(events: readonly HostEvent[]): string[] {
  return events.map((event) => (event as ConsoleEvent).message);
}

async function* lines(stream: ReadableStream<Uint8Array>): AsyncGenerator<ConsoleEvent, undefined> {
  const decoder = new TextDecoder();
  for await (const chunk of stream) {
    const text = decoder.decode(chunk);
    expect(text.endsWith('\n')).toBe(true);
    yield JSON.parse(text) as ConsoleEvent;
  }
  return undefined;
}

function ended(index: number): InvocationEvent {
  const hex = index.toString(16).padStart(16, 'f');
  return {
    type: 'invocation',
    time: 1_700_000_000_000 + index,
    function: 'blog',
    version: index,
    alias: 'live',
    trigger: 'http',
    method: 'GET',
    path: `/posts/${index}`,
    status: 200 + (index % 300),
    outcome: 'ok',
    durationMs: index / 8,
    cold: index % 2 === 0,
    requestId: hex,
    traceId: `${hex}${hex}`,
  };
}
