import { BodyStream, responseWhile, type Head } from '../body-stream.ts';
import { isThenable, running } from '../running.ts';
import type { Call, Settings } from '../settings.ts';
import { createContext } from './context.ts';
import { putCookies, putHeaders, statusOf } from './http-answer.ts';

type StreamHandler = (event: unknown, stream: ResponseStream, context: unknown) => unknown;

const STREAMS = Symbol('streams');

/**
 * The global `awslambda`: `streamifyResponse` and `HttpResponseStream.from`.
 * https://docs.aws.amazon.com/lambda/latest/dg/config-rs-write-functions.html
 */
export const awslambda = {
  streamifyResponse(handler: StreamHandler): StreamHandler {
    if (typeof handler !== 'function')
      throw new TypeError('awslambda.streamifyResponse() takes a function (event, responseStream, context).');
    return Object.assign((event: unknown, stream: ResponseStream, context: unknown) => handler(event, stream, context), {
      [STREAMS]: true,
    });
  },
  HttpResponseStream: {
    from(stream: ResponseStream, head: Readonly<Record<string, unknown>>): ResponseStream {
      stream.setHead(head);
      return stream;
    },
  },
};

export function streams(handler: unknown): handler is StreamHandler {
  return typeof handler === 'function' && STREAMS in handler;
}

/** `responseStream`: what is written to it is the response's body. */
class ResponseStream extends BodyStream {
  #head: Readonly<Record<string, unknown>> = {};
  #type = 'application/octet-stream';

  setContentType(type: string): void {
    this.#type = type;
  }

  setHead(head: Readonly<Record<string, unknown>>): void {
    if (this.headersSent) throw new Error('HttpResponseStream.from() comes too late: something has been written already.');
    this.#head = head;
  }

  protected override head(): Head {
    const headers = new Headers({ 'content-type': this.#type });
    putHeaders(headers, this.#head);
    putCookies(headers, this.#head);
    return { status: statusOf({ statusCode: 200, ...this.#head }), headers };
  }
}

/** Answers as soon as the handler has begun to write; what it throws later breaks the body off, and is logged. */
export function streamed(handler: StreamHandler, settings: Settings): (event: unknown, call: Call) => Promise<Response> {
  return (event, call) => {
    const stream = new ResponseStream();
    const work = running(settings.deadline, (ending) => {
      const returned = handler(event, stream, createContext(call, { settings, ...ending }));
      if (isThenable(returned)) returned.then(ending.succeed, ending.fail);
      else stream.on('close', () => ending.succeed());
    }).then(() => {
      // Nobody writes any more, unless another stream is being piped into it.
      if (!stream.piped) stream.end();
    });
    return responseWhile(stream, { work, call });
  };
}
