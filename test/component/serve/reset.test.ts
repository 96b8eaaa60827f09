import { afterEach, describe, expect, it, vi } from 'vitest';
import { Instance } from '../../../host/component/runtime/instance.ts';
import { memoriesAsMade } from '../memories.ts';
import { context, handlersOf } from './guest.ts';

const text = 'x'.repeat(100_000);

const REQUESTS: readonly (() => Request)[] = [
  () =>
    new Request('http://host/', { headers: Object.fromEntries(Array.from({ length: 60 }, (_, at) => [`name-${at}`, 'v'.repeat(at * 7)])) }),
  () => new Request('http://host/long?' + 'q=é&'.repeat(400)),
  () => new Request('http://host/', { method: 'POST', body: 'short' }),
  () => new Request('http://host/upper', { method: 'POST', body: text }),
  () => new Request('http://host/echo', { method: 'POST', body: new Blob([text, text]).stream(), duplex: 'half' } as RequestInit),
  () => new Request('http://host/pass', { method: 'POST', body: text.repeat(3) }),
  () => new Request('http://host/', { method: 'PUT', body: text, signal: AbortSignal.abort() }),
];

describe('an instance that is put back', () => {
  afterEach(() => vi.restoreAllMocks());

  it.each(['p2-hello', 'p2-echo', 'p2-composed', 'p3-hello', 'p3-echo', 'p3-composed', 'p3-stackful'])(
    '%s holds what it held, byte for byte, whatever guest and host wrote',
    async (guest) => {
      const held = new Map<Instance, { memory: WebAssembly.Memory; first: Uint8Array }[]>();
      const memories = memoriesAsMade();
      const { remember, reset } = Instance.prototype;
      let written = 0;
      let resets = 0;
      vi.spyOn(Instance.prototype, 'remember').mockImplementation(function (this: Instance, earlier) {
        remember.call(this, earlier);
        held.set(
          this,
          memories.splice(0).map((memory) => ({ memory, first: new Uint8Array(memory.buffer).slice() })),
        );
      });
      vi.spyOn(Instance.prototype, 'reset').mockImplementation(function (this: Instance) {
        const kept = held.get(this)!;
        const same = () => kept.every(({ memory, first }) => isSame(new Uint8Array(memory.buffer), first));
        if (!same()) written += 1;
        if (!reset.call(this)) return false;
        resets += 1;
        expect(same()).toBe(true);
        return true;
      });
      const { fetch } = handlersOf(guest);
      for (let round = 0; round < 3; round += 1)
        for (const request of REQUESTS) {
          const response = await Promise.resolve(fetch!(request(), {}, context())).catch(() => null);
          await response?.arrayBuffer().catch(() => null);
        }
      expect(resets).toBeGreaterThan(10);
      expect(written).toBeGreaterThan(10);
    },
  );
});

/** Beyond what it had at first, there are zeros. */
function isSame(now: Uint8Array, first: Uint8Array): boolean {
  return Buffer.compare(now.subarray(0, first.length), first) === 0 && now.subarray(first.length).every((byte) => byte === 0);
}
