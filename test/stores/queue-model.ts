import fc from 'fast-check';
import { expect } from 'vitest';
import type { Queue, Settlement } from '../../host/stores/queue.ts';
import type { OpenedQueue } from './queue-suite.ts';

type Call =
  | { call: 'send'; delays: number[]; groups: string[]; dead: boolean }
  | { call: 'lease'; limit: number; wait: number; ms: number }
  | { call: 'settle'; which: number; to: ('ack' | 'retry' | 'release' | 'nothing')[]; delay: number }
  | { call: 'renew'; which: number; ms: number }
  | { call: 'purge' }
  | { call: 'advance'; ms: number };

interface Modelled {
  readonly id: string;
  readonly order: number;
  readonly group: string | undefined;
  due: number;
  attempts: number;
  pin: string | null;
  lease: string | null;
}

const calls = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        call: fc.constant('send' as const),
        delays: fc.array(fc.constantFrom(0, 0, 0, 10, 40), { minLength: 1, maxLength: 4 }),
        // Of no group, where it is empty.
        groups: fc.array(fc.constantFrom('', '', 'a', 'b'), { minLength: 4, maxLength: 4 }),
        dead: fc.boolean(),
      }),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        call: fc.constant('lease' as const),
        limit: fc.integer({ min: 1, max: 4 }),
        wait: fc.constantFrom(0, 0, 20),
        ms: fc.integer({ min: 1, max: 60 }),
      }),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        call: fc.constant('settle' as const),
        which: fc.nat(5),
        to: fc.array(fc.constantFrom('ack' as const, 'ack' as const, 'retry' as const, 'release' as const, 'nothing' as const), {
          minLength: 4,
          maxLength: 4,
        }),
        delay: fc.constantFrom(0, 0, 15),
      }),
    },
    // For no less than it holds anyhow: hosts that share a queue may take the later of the two.
    { weight: 1, arbitrary: fc.record({ call: fc.constant('renew' as const), which: fc.nat(5), ms: fc.integer({ min: 60, max: 120 }) }) },
    { weight: 3, arbitrary: fc.record({ call: fc.constant('advance' as const), ms: fc.integer({ min: 1, max: 30 }) }) },
    { weight: 1, arbitrary: fc.record({ call: fc.constant('purge' as const) }) },
  ),
  { maxLength: 50 },
);

/** Runs random calls on the queue and on a list, and compares every answer. */
export async function modelledQueue(queue: Queue, clock: OpenedQueue['clock']): Promise<void> {
  let run = 0;
  await fc.assert(
    fc.asyncProperty(calls, async (sequence) => {
      const model = new Model(queue, clock, `model-${run++}`);
      for (const call of sequence) await model.check(call);
      await model.checkCounts();
    }),
    { numRuns: 150 },
  );
}

class Model {
  readonly #queue: Queue;
  readonly #clock: OpenedQueue['clock'];
  readonly #name: string;
  #messages: Modelled[] = [];
  /** Every lease that there ever was, with when it ends. */
  readonly #leases: { readonly id: string; until: number; readonly messages: readonly string[] }[] = [];
  #order = 0;

  constructor(queue: Queue, clock: OpenedQueue['clock'], name: string) {
    this.#queue = queue;
    this.#clock = clock;
    this.#name = name;
  }

  async check(step: Call): Promise<void> {
    switch (step.call) {
      case 'send':
        return this.#send(step);
      case 'lease':
        return this.#lease(step);
      case 'settle':
        return this.#settle(step);
      case 'renew': {
        const lease = this.#leases[step.which];
        if (lease === undefined) return;
        const holds = this.#holds(lease.id);
        expect(await this.#queue.renew(this.#name, lease.id, step.ms)).toBe(holds);
        if (holds) lease.until = this.#clock.now() + step.ms;
        return;
      }
      case 'purge':
        expect(await this.#queue.purge(this.#name)).toBe(this.#messages.length);
        this.#messages = [];
        return;
      case 'advance':
        await this.#clock.advance(step.ms);
    }
  }

  async checkCounts(): Promise<void> {
    const now = this.#clock.now();
    const counts = await this.#queue.counts(this.#name);
    expect([counts.messages, counts.bytes, counts.delayed]).toEqual([
      this.#messages.length,
      this.#messages.length * 2,
      this.#messages.filter(({ due }) => due > now).length,
    ]);
    const order = this.#messages.toSorted(inOrder).map(({ id }) => id);
    expect((await this.#queue.peek(this.#name, 100)).map(({ id }) => id)).toEqual(order);
  }

  async #send({ delays, groups, dead }: Call & { call: 'send' }): Promise<void> {
    const now = this.#clock.now();
    const added = delays.map((delay, index): Modelled => {
      const order = ++this.#order;
      return {
        id: `${this.#name}-${order}`,
        order,
        group: groups[index] || undefined,
        due: now + delay,
        attempts: 0,
        pin: null,
        lease: null,
      };
    });
    await this.#queue.send(
      this.#name,
      added.map(({ id, group, due }) => ({
        id,
        body: Uint8Array.of(1, 2),
        type: 'bytes',
        sent: now,
        delay: due - now,
        ...(dead && { origin: 'o' }),
        ...(group !== undefined && { group }),
      })),
    );
    this.#messages.push(...added);
  }

  async #lease({ limit, wait, ms }: Call & { call: 'lease' }): Promise<void> {
    const now = this.#clock.now();
    this.#endLeases();
    const free = this.#messages.filter(({ lease }) => lease === null).toSorted(inOrder);
    const ready = this.#ready(free, now).slice(0, limit);
    const full = ready.length >= limit || (ready.length > 0 && ready[0]!.due + wait <= now);
    const { lease, messages, next } = await this.#queue.lease(this.#name, { limit, wait, ms });
    const expected = full ? ready : [];
    expect(messages.map(({ id, group, attempts, pin }) => [id, group, attempts, pin])).toEqual(
      expected.map(({ id, group, attempts, pin }) => [id, group, attempts + 1, pin]),
    );
    if (!full) {
      const times = this.#leases.filter(({ id }) => this.#messages.some((each) => each.lease === id)).map(({ until }) => until);
      const coming = free.filter(({ due }) => due > now);
      const firsts = coming.filter(
        (each) => !this.#messages.some(({ group, order }) => each.group && group === each.group && order < each.order),
      );
      const nextOf = (some: readonly Modelled[]) =>
        Math.min(...times, ...(ready.length > 0 ? [ready[0]!.due + wait] : some.map(({ due }) => due)));
      // Who is asked may look at it again when one is due that has to wait for others.
      expect(next ?? Infinity).toBeGreaterThanOrEqual(nextOf(coming));
      expect(next ?? Infinity).toBeLessThanOrEqual(nextOf(firsts));
      return;
    }
    for (const each of expected) each.lease = lease;
    this.#leases.push({ id: lease, until: now + ms, messages: expected.map(({ id }) => id) });
  }

  async #settle({ which, to, delay }: Call & { call: 'settle' }): Promise<void> {
    const lease = this.#leases[which];
    if (lease === undefined) return;
    const outcomes = lease.messages.flatMap((id, index): Settlement[] => {
      const what = to[index]!;
      return what === 'nothing' ? [] : what === 'retry' ? [{ id, to: what, delay, pin: 'p' }] : [{ id, to: what }];
    });
    const holds = this.#holds(lease.id);
    await this.#queue.settle(this.#name, lease.id, outcomes);
    if (!holds) return;
    for (const outcome of outcomes) {
      const message = this.#messages.find(({ id, lease: held }) => id === outcome.id && held === lease.id);
      if (message === undefined) continue;
      if (outcome.to === 'ack') this.#messages.splice(this.#messages.indexOf(message), 1);
      else {
        message.lease = null;
        if (outcome.to === 'retry') {
          message.attempts++;
          message.due = this.#clock.now() + outcome.delay;
          message.pin = outcome.pin;
        }
      }
    }
  }

  /** Those that are due, and that nothing of their group stands before but what is ready with them. */
  #ready(free: readonly Modelled[], now: number): Modelled[] {
    const ready: Modelled[] = [];
    for (const each of free) {
      const before = this.#messages.filter(({ group, order }) => group !== undefined && group === each.group && order < each.order);
      if (each.due <= now && before.every((other) => ready.includes(other))) ready.push(each);
    }
    return ready;
  }

  #holds(id: string): boolean {
    const lease = this.#leases.find((each) => each.id === id)!;
    return lease.until > this.#clock.now() && this.#messages.some((each) => each.lease === id);
  }

  /** As a lease of the queue finds them. */
  #endLeases(): void {
    for (const message of this.#messages) {
      if (message.lease === null || this.#holds(message.lease)) continue;
      message.lease = null;
      message.attempts++;
    }
  }
}

function inOrder(a: Modelled, b: Modelled): number {
  return a.due - b.due || a.order - b.order;
}
