import type { CloudEvent } from './cloud-event.ts';
import type { AnyFunction } from './framework.ts';

const PUBSUB = 'google.cloud.pubsub.topic.v1.messagePublished';
const TYPES: Readonly<Record<string, string>> = {
  [PUBSUB]: 'google.pubsub.topic.publish',
  'google.cloud.storage.object.v1.finalized': 'google.storage.object.finalize',
  'google.cloud.storage.object.v1.deleted': 'google.storage.object.delete',
};

/** A background function of the first generation, `(data, context, callback)`, called with what a CloudEvent says. */
export function callBackground(run: AnyFunction, event: CloudEvent): Promise<unknown> {
  const context = {
    eventId: event.id,
    timestamp: event.time,
    eventType: TYPES[event.type] ?? event.type,
    resource: { service: serviceOf(event.source), name: nameOf(event) },
  };
  const data = dataOf(event);
  if (run.length < 3) return Promise.resolve(run(data, context));
  return new Promise((resolve, reject) => {
    const callback = (error?: unknown, result?: unknown) =>
      error === null || error === undefined ? resolve(result) : reject(error as Error);
    run(data, context, callback);
  });
}

function dataOf({ type, data }: CloudEvent): unknown {
  if (type !== PUBSUB) return data;
  const { message } = data as { message: Record<string, unknown> };
  return { '@type': 'type.googleapis.com/google.pubsub.v1.PubsubMessage', ...message };
}

function serviceOf(source: string): string {
  return /^\/\/([^/]+)/.exec(source)?.[1] ?? '';
}

function nameOf({ source, subject }: CloudEvent): string {
  const resource = source.replace(/^\/\/[^/]+\//, '');
  return typeof subject === 'string' ? `${resource}/${subject}` : resource;
}
