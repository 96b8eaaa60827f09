import { readFileSync } from 'node:fs';
import { prepareComponent } from '../../../host/component/prepare.ts';
import { isBlocking } from '../../../host/component/wasi/hosts.ts';
import { serveComponent, type ComponentHandlers } from '../../../host/component/serve/serve.ts';
import { settingsOf } from '../../../host/component/serve/settings.ts';
import type { Message, MessageBatch, QueueRetryOptions } from '../../../sdk/queue.ts';
import { COMPONENT_DEFAULTS } from '../../../host/registry/manifest-schema.ts';

type Isolation = 'request' | 'instance';

/** The handlers of a committed guest, as its main module exports them. */
export function handlersOf(guest: string, isolation: Isolation = 'request'): ComponentHandlers {
  return serve(new Uint8Array(readFileSync(new URL(`../guests/${guest}.wasm`, import.meta.url))), isolation);
}

export function serve(component: Uint8Array<ArrayBuffer>, isolation: Isolation = 'request'): ComponentHandlers {
  const { plan, modules } = prepareComponent(component, isBlocking);
  return serveComponent(
    plan,
    modules.map((module) => new WebAssembly.Module(module)),
    settingsOf({ ...COMPONENT_DEFAULTS, isolation }),
  );
}

/** A batch as Workers delivers it, and what a handler has said of it: `id acked`, `id retried after 5`. */
export function batchOf(bodies: readonly unknown[], queue = 'jobs'): { readonly batch: MessageBatch; readonly said: string[] } {
  const said: string[] = [];
  const retried = (id: string, options?: QueueRetryOptions) =>
    void said.push(`${id} retried${options?.delaySeconds === undefined ? '' : ` after ${options.delaySeconds}`}`);
  const messages = bodies.map((body, index): Message => ({
    id: `m${index}`,
    timestamp: new Date(1_700_000_000_000 + index),
    attempts: index + 1,
    body,
    ack: () => void said.push(`m${index} acked`),
    retry: (options) => retried(`m${index}`, options),
  }));
  const batch = {
    queue,
    messages,
    metadata: { metrics: { backlogCount: messages.length, backlogBytes: 0 } },
    ackAll: () => void said.push('all acked'),
    retryAll: (options?: QueueRetryOptions) => retried('all', options),
  };
  return { batch, said };
}

/** `ctx`, and what it waits for. */
export function context(): { waitUntil(promise: Promise<unknown>): void; readonly open: Promise<unknown>[] } {
  const open: Promise<unknown>[] = [];
  return { open, waitUntil: (promise) => void open.push(promise) };
}
