import type { Body, WireAnswer } from '../../bindings/binding.ts';
import { MAX_ARGS } from '../../bindings/binding.ts';
import { toldOf } from '../../bindings/service/told.ts';
import type { ServiceCall, Services } from '../../dispatch/services.ts';
import { BrinkError } from '../../errors.ts';
import { headersOf } from '../../gateway/header-lines.ts';
import { BodyReader } from './body.ts';
import { LightResponse } from './light-response.ts';
import { toldMessage } from './told.ts';
import type { Upgrade } from './upgrade.ts';

/** A call of a service binding as it came from a cell. */
export interface AskedService {
  readonly method: string;
  readonly args: string;
  readonly body: Body;
}

export interface ServiceContext extends Pick<ServiceCall, 'target' | 'caller'> {
  readonly services: Services;
  /** Aborted when the caller wants no more, or has ended. */
  readonly signal: AbortSignal;
}

/** RFC 9110, section 9.1: a method is a token. */
const METHOD = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,64}$/;
const MAX_NAME = 128;
const utf8 = new TextEncoder();

/** Answers what a cell asks of another function. Never rejects: what fails is part of the answer. */
export async function callService(asked: AskedService, context: ServiceContext): Promise<WireAnswer> {
  try {
    return asked.method === 'fetch' ? await fetchBy(asked, context) : await rpcBy(asked, context);
  } catch (error) {
    if (asked.body instanceof ReadableStream && !asked.body.locked) asked.body.cancel().catch(() => {});
    const { text, code } = toldOf(error);
    return { text: JSON.stringify({ error: { name: '', message: text, ...(code !== undefined && { code }) } }), body: null };
  }
}

async function fetchBy({ args, body }: AskedService, { services, signal, target, caller }: ServiceContext): Promise<WireAnswer> {
  const [method, url, lines] = fetchArgs(args);
  const request = new ServiceRequest({ method, url, lines, signal, body: bodyOf(body) }) as unknown as Request;
  const response = (await services.fetch(request, { target, caller, rawHeaders: lines })) as unknown as LightResponse;
  const { status, statusText, webSocket } = response;
  if (webSocket !== null) {
    (webSocket as Upgrade).open({ message() {}, close() {} }).close(1011, 'No WebSocket passes a service binding here.');
    throw new BrinkError('unsupported', `${target.function} accepted a WebSocket, which passes service bindings on workerd alone.`);
  }
  const given = LightResponse.given(response);
  return {
    text: JSON.stringify({ value: { status, statusText, headers: LightResponse.lines(response) } }),
    body: given instanceof BodyReader ? given.stream() : typeof given === 'string' ? utf8.encode(given) : (given ?? response.body),
  };
}

async function rpcBy({ args, body }: AskedService, { services, target, caller }: ServiceContext): Promise<WireAnswer> {
  const [kind, method] = JSON.parse(args) as unknown[];
  if ((kind !== 'call' && kind !== 'get') || typeof method !== 'string' || method.length > MAX_NAME || !(body instanceof ReadableStream))
    throw new TypeError('There is no such call.');
  const { output, settled } = await services.rpc({ kind, method, input: body }, { target, caller });
  // The caller hears of it in the messages.
  settled.catch(() => {});
  return { text: JSON.stringify({ value: null }), body: tellingWhy((await output) as ReadableStream<Uint8Array>) };
}

/** The messages of a callee; what broke them off on this side is told. */
function tellingWhy(messages: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
  const reader = messages.getReader();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await reader.read();
          if (done) controller.close();
          else controller.enqueue(value);
        } catch (error) {
          throw new Error(toldMessage(toldOf(error)), { cause: error });
        }
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}

function fetchArgs(text: string): [method: string, url: string, lines: string[]] {
  const [method, url, lines] = JSON.parse(text) as unknown[];
  if (typeof method !== 'string' || !METHOD.test(method) || typeof url !== 'string' || url.length > MAX_ARGS || !URL.canParse(url))
    throw new TypeError('This is no request.');
  if (!Array.isArray(lines) || lines.length % 2 !== 0 || !lines.every((line) => typeof line === 'string'))
    throw new TypeError('These are no headers.');
  return [method, url, lines];
}

function bodyOf(body: Body): Request['body'] {
  if (!(body instanceof Uint8Array)) return body as Request['body'];
  return new ReadableStream({
    start(controller) {
      controller.enqueue(body as Uint8Array<ArrayBuffer>);
      controller.close();
    },
  });
}

interface Parts extends Pick<Request, 'method' | 'url' | 'signal' | 'body'> {
  readonly lines: readonly string[];
}

/**
 * What cells and dispatcher read of a request; the platform's own takes longer to make than a small handler runs. A class,
 * since an object that is written with a getter has a shape of its own each time.
 */
class ServiceRequest {
  readonly method: string;
  readonly url: string;
  readonly signal: AbortSignal;
  readonly body: Request['body'];
  readonly #lines: readonly string[];

  constructor({ method, url, lines, signal, body }: Parts) {
    this.method = method;
    this.url = url;
    this.signal = signal;
    this.body = body;
    this.#lines = lines;
  }

  get headers(): Headers {
    return headersOf(this.#lines);
  }
}
