import asyncHooks from 'node:async_hooks';
import { Channel, tracingChannel, type TracingChannelCollection } from 'node:diagnostics_channel';

/** Modules that functions get a part of: the rest would hand over what is Node's own, such as sockets and the port to the host. */
export const PARTS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'node:async_hooks': hooksWithoutInsides(),
  'node:diagnostics_channel': ownChannels(),
};

/** As workerd answers. */
function hooksWithoutInsides(): Readonly<Record<string, unknown>> {
  const { AsyncLocalStorage, AsyncResource } = asyncHooks;
  const hook = Object.freeze({ enable: () => hook, disable: () => hook });
  return {
    AsyncLocalStorage,
    AsyncResource,
    asyncWrapProviders: {},
    createHook: () => hook,
    executionAsyncId: () => 0,
    executionAsyncResource: () => Object.create(null) as object,
    triggerAsyncId: () => 0,
  };
}

type Subscriber = Parameters<Channel['subscribe']>[0];

/** Channels of the function's own: those of Node carry its sockets and requests. */
function ownChannels(): Readonly<Record<string, unknown>> {
  const channels = new Map<string | symbol, Channel>();
  // The type of `Channel` has no constructor, though it is a class as any.
  const Own = Channel as unknown as new (name: string | symbol) => Channel;
  function channel(name: string | symbol): Channel {
    if (typeof name !== 'string' && typeof name !== 'symbol') throw new TypeError('The name of a channel is a string or a symbol.');
    const found = channels.get(name);
    if (found !== undefined) return found;
    const made = new Own(name);
    channels.set(name, made);
    return made;
  }
  return {
    Channel,
    channel,
    hasSubscribers: (name: string | symbol) => channels.get(name)?.hasSubscribers ?? false,
    subscribe: (name: string | symbol, subscriber: Subscriber) => channel(name).subscribe(subscriber),
    unsubscribe: (name: string | symbol, subscriber: Subscriber) => channels.get(name)?.unsubscribe(subscriber) ?? false,
    tracingChannel(given: string | TracingChannelCollection) {
      if (typeof given !== 'string') return tracingChannel(given);
      const events = ['start', 'end', 'asyncStart', 'asyncEnd', 'error'];
      const named = Object.fromEntries(events.map((event) => [event, channel(`tracing:${given}:${event}`)]));
      return tracingChannel(named as unknown as TracingChannelCollection);
    },
  };
}
