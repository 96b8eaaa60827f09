import type { BindingsState } from '../../host/bindings/binding.ts';
import { createClients } from '../../host/bindings/clients.ts';
import { answer, manageBinding, openBinding, runDue } from '../../host/bindings/kinds.ts';
import { manageBy } from '../../host/bindings/manage.ts';
import type { ScheduledEvent } from '../../host/dispatch/cell.ts';
import type { LiveSchedule } from '../../host/registry/declared.ts';
import type { Store } from '../../host/stores/store.ts';
import { createScheduleTrigger, type ScheduleTrigger } from '../../host/triggers/schedules.ts';
import type { Schedules } from '../../sdk/schedules.ts';
import { bindingState } from './state.ts';

export const FUNCTION = 'report';
const BINDING = { kind: 'schedules', scope: `function/${FUNCTION}` };

/** A call of the `scheduled` handler: whose host made it, when, and how it is to end. */
export interface Call extends ScheduledEvent {
  readonly host: number;
  readonly time: number;
}

export interface WorldOptions {
  readonly store: Store;
  readonly clock: { readonly now: () => number; advance(ms: number): void };
  /** What the handler does; at once by default. */
  handler?: (call: Call) => void | Promise<void>;
}

/** Hosts of one store whose clock stands still until it is told to move: what a timer would call, is called when it gets there. */
export class World {
  readonly calls: Call[] = [];
  readonly hosts: WorldHost[] = [];
  declared: readonly LiveSchedule[] | null = [];
  readonly options: WorldOptions;

  constructor(options: WorldOptions) {
    this.options = options;
  }

  get now(): number {
    return this.options.clock.now();
  }

  host(): WorldHost {
    const host = new WorldHost(this, this.hosts.length);
    this.hosts.push(host);
    return host;
  }

  /** Moves the clock on, and stops at each time that a host has asked for. */
  async elapse(ms: number): Promise<void> {
    const end = this.now + ms;
    for (;;) {
      await settled();
      const next = Math.min(...this.hosts.map(({ wake }) => wake));
      if (next > end) break;
      this.options.clock.advance(Math.max(0, next - this.now));
      await Promise.all(this.hosts.filter(({ wake }) => wake <= this.now).map((host) => host.due()));
    }
    this.options.clock.advance(end - this.now);
    await settled();
  }
}

export class WorldHost {
  /** When it is to be called. */
  wake = Infinity;
  readonly schedules: Schedules;
  readonly trigger: ScheduleTrigger;
  readonly #state: BindingsState;
  #gone = false;

  constructor(world: World, index: number) {
    // A store of its own to look at: hosts know their runs by it.
    const store = gateOf(world.options.store, () => this.#gone);
    const plain = bindingState(store, () => world.now);
    this.#state = {
      ...plain,
      functions: {
        ...plain.functions,
        scheduled: async (_name, _reference, event) => {
          const call = { ...event, host: index, time: world.now };
          world.calls.push(call);
          await world.options.handler?.(call);
          return { noRetry: false, version: 1, alias: 'live', requestId: 'r' };
        },
        schedules: async () => world.declared,
      },
      wake: async (_binding, time) => void (this.wake = Math.min(this.wake, time)),
      keep: (work) => void work.catch(() => {}),
    };
    this.trigger = createScheduleTrigger(manageBy((binding, call) => manageBinding(binding, this.#state, call)));
    const methods = openBinding(BINDING, this.#state);
    this.schedules = createClients([{ name: 'S', kind: 'schedules' }], { transportOf: () => (call) => answer(methods, call) })[
      'S'
    ] as Schedules;
  }

  async due(): Promise<void> {
    this.wake = Infinity;
    const next = await runDue(BINDING, this.#state);
    if (next !== null) this.wake = Math.min(this.wake, next);
  }

  /** `kill -9`: nothing that it has under way comes to an end. */
  crash(): void {
    this.#gone = true;
    this.due = async () => void (this.wake = Infinity);
    this.wake = Infinity;
  }
}

function gateOf(store: Store, gone: () => boolean): Store {
  const open = () => (gone() ? new Promise<void>(() => {}) : Promise.resolve());
  return {
    get: (...args) => open().then(() => store.get(...args)),
    put: (...args) => open().then(() => store.put(...args)),
    delete: (...args) => open().then(() => store.delete(...args)),
    list: (...args) => open().then(() => store.list(...args)),
  };
}

/** What needs no time has been done. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
}
