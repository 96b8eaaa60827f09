import { cloudEventJson, readCloudEvent } from './cloud-event-json.ts';
import { checkedEvent, CloudEventError, isJsonType, type CloudEvent } from './cloud-event.ts';

/** `binary`: attributes are headers, and the body is the data. `structured`: the body is the event. `batch`: it is a list of events. */
export type CloudEventMode = 'binary' | 'structured' | 'batch';

/** What is the same of a Request and a Response. */
export interface CloudEventMessage {
  readonly headers: Headers;
  /** null where there is none. */
  readonly body: Uint8Array<ArrayBuffer> | string | null;
}

const STRUCTURED = 'application/cloudevents+json';
const BATCH = 'application/cloudevents-batch+json';
const utf8 = new TextEncoder();
const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * The headers and the body that carry an event over HTTP; in the mode `batch`, of any number of them.
 * https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md
 *
 * @throws {CloudEventError} where an event is none
 */
export function cloudEventMessage(events: CloudEvent | readonly CloudEvent[], mode: CloudEventMode = 'binary'): CloudEventMessage {
  const list = Array.isArray(events) ? (events as readonly CloudEvent[]) : [events as CloudEvent];
  if (mode === 'batch') return jsonMessage(BATCH, list.map(cloudEventJson));
  if (list.length !== 1) throw new CloudEventError(`${list.length} events are no one event; send them in the mode "batch".`);
  return mode === 'structured' ? jsonMessage(STRUCTURED, cloudEventJson(list[0]!)) : binaryMessage(list[0]!);
}

/**
 * The events of a request or a response, in whatever mode they come.
 *
 * @throws {CloudEventError} where it carries none, or in a format other than JSON
 */
export async function readCloudEvents(message: Request | Response): Promise<CloudEvent[]> {
  return readCloudEventMessage(message.headers, new Uint8Array(await message.arrayBuffer()));
}

/** The same of headers and a body. @throws {CloudEventError} */
export function readCloudEventMessage(headers: Headers, body: Uint8Array): CloudEvent[] {
  const type = headers.get('content-type')?.trim().toLowerCase() ?? '';
  if (!type.startsWith('application/cloudevents')) return [readBinary(headers, body)];
  const format = /^[^;\s]*/.exec(type)![0];
  if (format === STRUCTURED) return [readCloudEvent(jsonOf(body, 'The body'))];
  if (format !== BATCH)
    throw new CloudEventError(`${format} is no format of events that is read here; send ${STRUCTURED} or ${BATCH}.`, {
      code: 'unsupported',
    });
  const list = jsonOf(body, 'The body');
  if (!Array.isArray(list)) throw new CloudEventError('A batch of CloudEvents is a list of JSON.');
  return list.map((each: unknown) => readCloudEvent(each));
}

/** A text as the value of a header. HTTP protocol binding, section 3.1.3.2. */
export function encodeHeader(text: string): string {
  return text.replace(/[^!#$&-~]+/gu, (part) =>
    Array.from(utf8.encode(part), (byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join(''),
  );
}

/** The text of such a value; null where it is none. What older senders put in double quotes is taken out of them. */
export function decodeHeader(value: string): string | null {
  const unquoted = value.replace(/"((?:[^"\\]|\\.)*)"/g, (_, quoted: string) => quoted.replace(/\\(.)/g, '$1'));
  if (!/^[\t\x20-\x7e]*$/.test(unquoted)) return null;
  try {
    return unquoted.replace(/(?:%[0-9a-f]{2})+/gi, (run) =>
      strict.decode(Uint8Array.from(run.slice(1).split('%'), (hex) => Number.parseInt(hex, 16))),
    );
  } catch {
    return null;
  }
}

function jsonMessage(type: string, value: unknown): CloudEventMessage {
  return { headers: new Headers({ 'content-type': `${type}; charset=utf-8` }), body: JSON.stringify(value) };
}

function binaryMessage(event: CloudEvent): CloudEventMessage {
  const { data, datacontenttype: type, ...attributes } = checkedEvent({ ...event, data: undefined }, event.data);
  const headers = new Headers();
  for (const [name, value] of Object.entries(attributes)) headers.set(`ce-${name}`, encodeHeader(String(value)));
  if (type !== undefined) headers.set('content-type', type);
  if (data === undefined) return { headers, body: null };
  if (data instanceof Uint8Array) return { headers, body: data as Uint8Array<ArrayBuffer> };
  // What JSON implied is said. JSON event format, section 3.1.2.
  if (type === undefined) headers.set('content-type', 'application/json');
  return { headers, body: isJsonType(type) ? JSON.stringify(data) : (data as string) };
}

function readBinary(headers: Headers, body: Uint8Array): CloudEvent {
  const attributes: Record<string, unknown> = {};
  for (const [header, value] of headers) {
    if (!header.startsWith('ce-')) continue;
    const name = header.slice(3);
    if (name === 'datacontenttype')
      throw new CloudEventError('The type of the data is the Content-Type; ce-datacontenttype may not be there.', { attribute: name });
    const text = decodeHeader(value);
    if (text === null) throw new CloudEventError(`The header ce-${name} is no percent-encoded text of UTF-8.`, { attribute: name });
    attributes[name] = text;
  }
  const type = headers.get('content-type') ?? undefined;
  return checkedEvent({ ...attributes, datacontenttype: type }, readData(type, body));
}

/** Data as its type says: JSON and text are read, and everything else stays bytes. @throws {CloudEventError} */
export function readData(type: string | undefined, body: Uint8Array): unknown {
  if (body.byteLength === 0) return undefined;
  if (type === undefined) return body;
  if (isJsonType(type)) return jsonOf(body, 'The data');
  if (!isText(type)) return body;
  try {
    return strict.decode(body);
  } catch {
    return body;
  }
}

/** Of types that are text by their names; without a charset they are UTF-8 here, and in another one bytes. */
function isText(type: string): boolean {
  const charset = /;\s*charset\s*=\s*"?([^";\s]+)/i.exec(type)?.[1]?.toLowerCase();
  if (charset !== undefined && charset !== 'utf-8' && charset !== 'us-ascii') return false;
  return /^\s*(text\/|application\/(xml|x-www-form-urlencoded|javascript)\s*(;|$)|[^;]+\+xml\s*(;|$))/i.test(type);
}

function jsonOf(body: Uint8Array, what: string): unknown {
  try {
    return JSON.parse(strict.decode(body)) as unknown;
  } catch {
    throw new CloudEventError(`${what} is no JSON of UTF-8.`, { attribute: what === 'The data' ? 'data' : null });
  }
}
