import { BindingError } from '../binding-error.ts';
import { PLATFORM_TIMERS } from '../timers.ts';
import type { BindingKind, BindingState } from '../binding.ts';
import { createQueueMethods } from './methods.ts';
import { Pump } from './pump.ts';
import { producerSettings } from './settings.ts';
import type { QueuesState } from './state.ts';

/** `queues`, by their names, which are known in the whole host. */
export const queues: BindingKind = {
  type: 'Queue',
  specs: (manifest) =>
    (manifest.queues?.producers ?? []).map((producer) => ({
      name: producer.binding,
      scope: producer.queue,
      settings: producerSettings(producer, manifest),
    })),
  open(scope, { queues: own, quotas, now }) {
    if (own === undefined) throw new BindingError('This host has no place for queues.');
    return createQueueMethods({ name: scope, queue: own.queue, quota: quotas?.queue, now });
  },
  async due(scope, state) {
    if (state.queues === undefined) return null;
    const { pumps } = state.queues;
    let pump = pumps.get(scope);
    if (pump === undefined) pumps.set(scope, (pump = pumpOf(scope, state.queues, state)));
    return pump.run();
  },
};

function pumpOf(
  name: string,
  { queue, emit, stopping }: QueuesState,
  { functions, quotas, now, timers }: Pick<BindingState, 'functions' | 'quotas' | 'now' | 'timers'>,
): Pump {
  return new Pump({
    name,
    queue,
    quota: quotas?.queue,
    now,
    emit,
    stopping,
    consumer: () => functions.consumer(name),
    call: (consumer, bound, batch) => functions.queue(consumer, bound, batch),
    timers: timers ?? PLATFORM_TIMERS,
  });
}
