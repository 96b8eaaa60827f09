import { base64Of, bytesOfBase64 } from './cloud-event-attributes.ts';
import { checkedEvent, CloudEventError, type CloudEvent } from './cloud-event.ts';

/** An event as a value of JSON: what stands in a queue, and in the body of a structured or batched message. */
export type CloudEventJson = Readonly<Record<string, unknown>>;

/**
 * The event as a value that `JSON.stringify` takes: bytes become `data_base64`. JSON event format, section 3.
 *
 * @throws {CloudEventError} where the event is none
 */
export function cloudEventJson(event: CloudEvent): CloudEventJson {
  const { data, ...attributes } = event;
  const { data: checked, ...rest } = checkedEvent(attributes, data);
  if (checked === undefined) return rest;
  return checked instanceof Uint8Array ? { ...rest, data_base64: base64Of(checked) } : { ...rest, data: checked };
}

/**
 * The event of such a value, which may be anything: the body of a queue's message, say. Base64 becomes bytes.
 *
 * @throws {CloudEventError} where it is no event
 *
 * @example
 * ```ts
 * async queue({ messages }) {
 *   for (const { body } of messages) console.log(readCloudEvent(body).type);
 * }
 * ```
 */
export function readCloudEvent<Data = unknown>(value: unknown): CloudEvent<Data> {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) throw new CloudEventError('A CloudEvent is an object of JSON.');
  const { data, data_base64: base64, ...attributes } = value as Record<string, unknown>;
  if (base64 === undefined || base64 === null) return checkedEvent(attributes, data as Data | undefined);
  if (data !== undefined) throw new CloudEventError('A CloudEvent has data or data_base64, and not both.', { attribute: 'data' });
  const bytes = typeof base64 === 'string' ? bytesOfBase64(base64) : null;
  if (bytes === null) throw new CloudEventError('The data_base64 of a CloudEvent is no Base64.', { attribute: 'data' });
  return checkedEvent(attributes, bytes as Data);
}
