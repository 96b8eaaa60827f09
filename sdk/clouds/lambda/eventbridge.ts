import { valueOf, type Message } from '../messages.ts';
import { ACCOUNT, arn, region } from './environment.ts';
import { isTable } from './http-answer.ts';

/** As the engines give it to `scheduled`. */
export interface Scheduled {
  readonly cron: string;
  readonly scheduledTime: number;
  readonly id: string | null;
  readonly payload?: unknown;
}

/**
 * A message as an event of EventBridge: one that is such an event already, a CloudEvent, or anything else as `detail`.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events-structure.html
 */
export function eventBridgeEvent({ id, timestamp, body }: Message, queue: string): Record<string, unknown> {
  const value = valueOf(body);
  const time = timestamp.toISOString();
  if (isTable(value) && typeof value['detail-type'] === 'string' && typeof value['source'] === 'string')
    return { ...envelope(id, time), ...value };
  if (isTable(value) && typeof value['specversion'] === 'string' && typeof value['type'] === 'string') {
    const { type, source, data, time: said, subject, id: own } = value;
    return {
      ...envelope(typeof own === 'string' ? own : id, typeof said === 'string' ? said : time),
      'detail-type': type,
      source,
      resources: typeof subject === 'string' ? [subject] : [],
      detail: data ?? {},
    };
  }
  return { ...envelope(id, time), 'detail-type': queue, source: 'brink.queues', detail: value };
}

/**
 * A schedule that is due, as EventBridge's rules and schedules say it; one with a payload brings that alone, as AWS's
 * "constant input" does. https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-run-lambda-schedule.html
 */
export function scheduledEvent({ cron, scheduledTime, id, payload }: Scheduled): unknown {
  if (payload !== undefined) return payload;
  const name = id ?? cron;
  return {
    ...envelope(`${name}/${scheduledTime}`, new Date(scheduledTime).toISOString().replace('.000Z', 'Z')),
    'detail-type': 'Scheduled Event',
    source: 'aws.events',
    resources: [arn('events', `rule/${name}`)],
    detail: {},
  };
}

function envelope(id: string, time: string): Record<string, unknown> {
  return { version: '0', id, 'detail-type': '', source: '', account: ACCOUNT, time, region: region(), resources: [], detail: {} };
}
