import { attributeFault, CORE, nameFault, textOf, type CloudEventAttribute } from './cloud-event-attributes.ts';

export type { CloudEventAttribute } from './cloud-event-attributes.ts';

/**
 * An event as CloudEvents 1.0.2 defines it: https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md
 *
 * Members besides the ones that are named here are extension attributes. One that is null or undefined is not there.
 */
export interface CloudEvent<Data = unknown> {
  readonly specversion: '1.0';
  /** With `source` it names the event: two that have both alike are the same one. */
  readonly id: string;
  /** A URI reference. */
  readonly source: string;
  readonly type: string;
  /** A media type. Data without one is JSON, and bytes without one are of no known type. */
  readonly datacontenttype?: string;
  /** A URI. */
  readonly dataschema?: string;
  readonly subject?: string;
  /** RFC 3339. */
  readonly time?: string;
  /** A Uint8Array is binary data; with a content type of JSON any value of JSON; with another one a text. */
  readonly data?: Data;
  readonly [extension: string]: CloudEventAttribute | Data | undefined;
}

/** What `cloudEvent()` makes one of: `specversion`, `id` and `time` need not be given, and a Date is a time, bytes are Base64. */
export interface CloudEventInit<Data = unknown> {
  readonly source: string;
  readonly type: string;
  readonly id?: string;
  readonly time?: string | Date;
  readonly data?: Data;
  readonly [attribute: string]: unknown;
}

/** It is no CloudEvent, or cannot be written as one. */
export class CloudEventError extends Error {
  override readonly name = 'CloudEventError';
  /** `invalid`, or `unsupported` where it is in a format other than JSON. */
  readonly code: 'invalid' | 'unsupported';
  /** The attribute that is at fault, or `data`, or null. */
  readonly attribute: string | null;

  constructor(
    message: string,
    { code = 'invalid', attribute = null }: { code?: 'invalid' | 'unsupported'; attribute?: string | null } = {},
  ) {
    super(message);
    this.code = code;
    this.attribute = attribute;
  }
}

/**
 * Makes an event: with a new UUID as its `id` and the present as its `time` where they are not given.
 *
 * @throws {CloudEventError} where an attribute or the data is not what the specification allows
 *
 * @example
 * ```ts
 * const event = cloudEvent({ source: '/orders', type: 'com.example.order.paid', subject: '17', data: { total: 12 } });
 * ```
 */
export function cloudEvent<Data = unknown>(init: CloudEventInit<Data>): CloudEvent<Data> {
  const { data, ...attributes } = init;
  const given = { specversion: '1.0', id: crypto.randomUUID(), time: new Date(), ...presentOf(attributes) };
  const texts = Object.entries(given).map(([name, value]) => [name, textOf(value)] as const);
  return checkedEvent<Data>(Object.fromEntries(texts), data);
}

/** An event of attributes whose values are unknown; `data` undefined is none. @throws {CloudEventError} */
export function checkedEvent<Data>(attributes: Readonly<Record<string, unknown>>, data: Data | undefined): CloudEvent<Data> {
  const given = presentOf(attributes);
  for (const name of ['specversion', 'id', 'source', 'type'])
    if (!Object.hasOwn(given, name)) throw new CloudEventError(`A CloudEvent has to have the attribute ${name}.`, { attribute: name });
  for (const [name, value] of Object.entries(given)) {
    const fault = nameFault(name) ?? attributeFault(name, value);
    if (fault !== null) throw new CloudEventError(`The attribute ${shown(name)} of a CloudEvent ${fault}.`, { attribute: shown(name) });
  }
  const event = { ...ordered(given), ...(data !== undefined && { data }) } as unknown as CloudEvent<Data>;
  const fault = dataFault(event);
  if (fault !== null) throw new CloudEventError(`The data of a CloudEvent ${fault}.`, { attribute: 'data' });
  return event;
}

/** Of a media type, whether what it stands for is JSON: no type at all is. JSON event format, section 3.1.1. */
export function isJsonType(datacontenttype: string | undefined): boolean {
  if (datacontenttype === undefined) return true;
  return /^[^/;]+\/([^;]+\+)?json\s*(;|$)/i.test(datacontenttype.trim());
}

function dataFault({ data, datacontenttype }: CloudEvent): string | null {
  if (data === undefined || data instanceof Uint8Array) return null;
  if (!isJsonType(datacontenttype))
    return typeof data === 'string' ? null : `is neither text nor bytes, and ${datacontenttype} is not JSON`;
  return typeof data === 'function' || typeof data === 'symbol' || typeof data === 'bigint' ? 'is nothing that JSON has' : null;
}

function presentOf(attributes: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined && value !== null));
}

/** The core attributes first, so that each event is written alike. */
function ordered(attributes: Record<string, unknown>): Record<string, unknown> {
  const core = CORE.filter((name) => Object.hasOwn(attributes, name)).map((name) => [name, attributes[name]] as const);
  return { ...Object.fromEntries(core), ...attributes };
}

function shown(name: string): string {
  return name.length > 40 ? `${name.slice(0, 40)}…` : name;
}
