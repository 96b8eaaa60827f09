import { describe, expect, it } from 'vitest';
import { openBinding } from '../../host/bindings/kinds.ts';
import { Calls } from '../../host/platforms/node/calls.ts';
import { FrameQueue, type CallFrame, type ToCell } from '../../host/platforms/node/frames.ts';
import { createMemoryStore } from '../../host/stores/memory.ts';
import { bindingState } from '../bindings/state.ts';
import { openNode } from '../conformance/harness-node.ts';
import { publish } from '../conformance/harness.ts';

const kv = { name: 'KV', kind: 'kv', scope: 'id/test' };

/** The main thread's side of a cell, and what it would post. */
function opened(running: ReadonlySet<number> = new Set([1])) {
  const posted: ToCell[] = [];
  const out = new FrameQueue<ToCell>({ postMessage: (frames) => void posted.push(...(frames as ToCell[])) });
  const store = createMemoryStore(Date.now);
  const calls = new Calls(
    { bindings: [kv], open: (spec) => openBinding(spec, bindingState(store)), own: {}, admit() {}, runs: (id) => running.has(id) },
    out,
  );
  const answers = async () => {
    await new Promise((resolve) => setTimeout(resolve, 5));
    return posted.flatMap((frame) => (frame[0] === 'answer' ? [[frame[1], JSON.parse(frame[2])]] : []));
  };
  return { calls, posted, answers, store };
}

function call(
  id: number,
  more: Partial<{ invocation: number; binding: string; method: string; args: string; body: CallFrame[6] }> = {},
): CallFrame {
  const { invocation = 1, binding = 'KV', method = 'get', args = '["a"]', body = null } = more;
  return ['call', id, invocation, binding, method, args, body];
}

describe('calls of a cell', () => {
  it('of a binding that it does not have are none', () => {
    for (const binding of ['OTHER', '', '__proto__', 'constructor'])
      expect(() => opened().calls.receive(call(1, { binding }))).toThrow(TypeError);
  });

  it('have each a number of its own', () => {
    const { calls } = opened();
    calls.receive(call(1, { method: 'put', body: true }));
    expect(() => calls.receive(call(1))).toThrow('there is a call 1 already');
  });

  it('of methods that are none, with arguments that are none, are answered with an error', async () => {
    const { calls, answers } = opened();
    const odd = [
      { method: 'open' },
      { method: 'toString' },
      { method: '__proto__' },
      { args: '{' },
      { args: '{}' },
      { args: '[]' },
      { args: '[{}]' },
      { args: '[["a"]]' },
      { method: 'list', args: '[5]' },
      { method: 'list', args: '[{"cursor":{"a":1},"limit":"many"}]' },
      { method: 'put', args: '["a",{"metadata":{}}]' },
      { method: 'put', args: '["a",{"metadata":"{"}]' },
      { method: 'put', args: '["a",{"ifRevision":"1"}]' },
      { method: 'increment', args: '["a",1]' },
      { method: 'getMany', args: '[{"length":3}]' },
    ];
    for (const [id, each] of odd.entries()) calls.receive(call(id, each));
    const all = (await answers()) as [number, { error?: object; value?: unknown }][];
    expect(all).toHaveLength(odd.length);
    for (const [id, outcome] of all) {
      // A list takes what is no table of options for none.
      if (odd[id]!.args === '[5]') expect(outcome).toEqual({ value: { keys: [] } });
      else expect(outcome).toHaveProperty('error');
    }
  });

  it('of an invocation that has ended are refused', async () => {
    const { calls, answers, store } = opened(new Set());
    calls.receive(call(1, { method: 'put', body: new Uint8Array(1) }));
    expect(await answers()).toEqual([[1, { error: { name: 'Error', message: expect.stringContaining('ctx.waitUntil()') as string } }]]);
    expect((await store.list({ prefix: '' })).keys).toEqual([]);
  });

  it('whose invocation ends meanwhile, lose their streams and write nothing', async () => {
    const { calls, answers, store } = opened();
    calls.receive(call(1, { method: 'put', body: true }));
    calls.value(['chunk', 1, new Uint8Array(10)]);
    calls.end(1);
    calls.value(['end', 1]);
    expect(await answers()).toEqual([[1, { error: { name: 'Error', message: expect.stringContaining('broke off') as string } }]]);
    expect((await store.list({ prefix: '' })).keys).toEqual([]);
  });

  it('send no more of an answer than was granted', async () => {
    const { calls, posted } = opened();
    calls.receive(call(1, { method: 'put', body: new Uint8Array(5_000_000) }));
    await new Promise((resolve) => setTimeout(resolve, 20));
    calls.receive(call(2, { args: '["a",{"stream":true}]' }));
    const sent = async () => {
      await new Promise((resolve) => setTimeout(resolve, 30));
      return posted.reduce((sum, frame) => (frame[0] === 'value' && frame[1][0] === 'chunk' ? sum + frame[1][2].byteLength : sum), 0);
    };
    const window = await sent();
    expect(window).toBeGreaterThanOrEqual(1024 * 1024);
    expect(window).toBeLessThan(1024 * 1024 + 256 * 1024);
    calls.value(['credit', 2, 500_000]);
    expect(await sent()).toBeGreaterThan(window);
    calls.value(['cancel', 2]);
    const last = await sent();
    calls.value(['credit', 2, 5_000_000]);
    expect(await sent()).toBe(last);
  });

  it('that no cell of ours makes, end the cell, and no other', async () => {
    const host = await openNode();
    const bent = (frame: string) => `
      // The first frame of a tick is put at the beginning of an array.
      Object.defineProperty(Array.prototype, '0', { configurable: true, set(frame) {
        const value = Array.isArray(frame) && frame[0] === 'call' ? ${frame} : frame;
        Object.defineProperty(this, '0', { value, writable: true, enumerable: true, configurable: true });
      } });
      export default { fetch: async (_request, { KV }) => new Response(await KV.get('a')) }`;
    const frames = [
      `['call', frame[1], frame[2], 'OTHER', ...frame.slice(4)]`,
      `['call', frame[1], frame[2], frame[3], frame[4], 'x'.repeat(2 ** 20 + 1), null]`,
      `['call', frame[1], frame[2], frame[3], frame[4], frame[5], 'text']`,
      `['value', ['chunk', 1, new Uint8Array(300_000)]]`,
      `['value', ['settled', 1]]`,
    ];
    for (const frame of frames) {
      const { url } = await publish(host, bent(frame), { alias: 'live', manifest: { kv_namespaces: [{ binding: 'KV' }] } });
      const response = await fetch(url);
      expect([frame, response.status, ((await response.json()) as { code: string }).code]).toEqual([frame, 502, 'cell-crashed']);
    }
    await host.stop();
  });
});
