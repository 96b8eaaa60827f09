import type { BindingKind, BindingState } from '../binding.ts';
import { createQueueMethods } from './methods.ts';
import { Pump } from './pump.ts';
import { producerSettings } from './settings.ts';

/** `queues`, by their names, which are known in the whole host. */
export const queues: BindingKind = {
  specs: (manifest) =>
    (manifest.queues?.producers ?? []).map((producer) => ({
      name: producer.binding,
      scope: producer.queue,
      settings: producerSettings(producer, manifest),
    })),
  open: (scope, { queues: { queue }, now }) => createQueueMethods({ name: scope, queue, now }),
  due(scope, state) {
    const { pumps } = state.queues;
    let pump = pumps.get(scope);
    if (pump === undefined) pumps.set(scope, (pump = pumpOf(scope, state)));
    return pump.run();
  },
};

function pumpOf(name: string, { queues: { queue, emit, stopping }, functions, now }: BindingState): Pump {
  return new Pump({
    name,
    queue,
    now,
    emit,
    stopping,
    consumer: () => functions.consumer(name),
    call: (consumer, bound, batch) => functions.queue(consumer, bound, batch),
    after(ms, callback) {
      const timer = setTimeout(callback, ms);
      return () => clearTimeout(timer);
    },
  });
}
