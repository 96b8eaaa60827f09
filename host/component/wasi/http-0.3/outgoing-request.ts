import type { Source } from '../../host.ts';
import type { ErrorCode } from '../http/error-code.ts';
import { Deferred } from '../values/pending.ts';
import { err, OK } from '../values/result.ts';
import { IncomingBody } from './incoming-body.ts';
import type { Content } from './message.ts';
import { OutgoingBody, type Transmission } from './outgoing-body.ts';

/** What goes out with a request. */
export interface Outgoing {
  readonly body: ReadableStream<Uint8Array<ArrayBuffer>> | null;
  /** Why the request is not to be sent at all; null where it is. */
  readonly ready: Promise<ErrorCode | null> | null;
  /** Those that follow the body; null where there is no body to follow. */
  readonly trailers: Promise<Headers | null> | null;
  /** What has gone wrong with the body. */
  failure(): ErrorCode | null;
  /** There is a response: what has no body has been sent with that. */
  answered(): void;
  failed(code: ErrorCode): void;
}

/** The web's requests with these have no body. */
const BODILESS: ReadonlySet<string> = new Set(['GET', 'HEAD']);
const NO_BODY_ALLOWED: ErrorCode = { tag: 'internal-error', val: 'This host sends no body with GET and HEAD.' };

export function outgoingOf(content: Content, request: { readonly method: string; readonly length: number | null }): Outgoing {
  const { body } = content;
  if (body === null) return withoutBody(content);
  if (BODILESS.has(request.method.toUpperCase())) return withEmptyBody(content, body);
  const taken = body instanceof IncomingBody ? body.takeStream() : null;
  return taken === null ? withBody(content, body, request.length) : { ...withoutBody(content), body: taken.stream };
}

function withoutBody({ trailers, sent }: Content): Outgoing {
  let failure: ErrorCode | null = null;
  trailers.read((result) => {
    if (result.tag === 'err') failure = result.val;
  });
  return {
    body: null,
    ready: null,
    trailers: null,
    failure: () => failure,
    answered: () => sent?.resolve(failure === null ? OK : err(failure)),
    failed: (code) => sent?.resolve(err(code)),
  };
}

/** Waits for a body that may not be sent, to see that it is empty. */
function withEmptyBody({ trailers, sent }: Content, body: Source): Outgoing {
  const written = new OutgoingBody(body, { trailers, length: null, sizeError: 'HTTP-request-body-size', sent: null });
  return {
    body: null,
    ready: new Promise((resolve) => {
      written.gather(1, () => {
        if (written.outcome === null) written.fail(NO_BODY_ALLOWED);
        resolve(failureOf(written) ?? (written.bytes() === null ? null : NO_BODY_ALLOWED));
      });
    }),
    trailers: null,
    failure: () => failureOf(written),
    answered: () => sent?.resolve(OK),
    failed: (code) => sent?.resolve(err(code)),
  };
}

function withBody({ trailers, sent }: Content, body: Source, length: number | null): Outgoing {
  const trailer = Promise.withResolvers<Headers | null>();
  const read = new Deferred<Transmission>();
  const written = new OutgoingBody(body, {
    trailers,
    length,
    sizeError: 'HTTP-request-body-size',
    sent: read,
    onTrailers: (fields) => trailer.resolve(fields?.toHeaders() ?? null),
  });
  return {
    body: written.stream(),
    ready: null,
    trailers: trailer.promise,
    failure: () => failureOf(written),
    // That all of it was read does not say that it was sent, until there is a response.
    answered: () => read.read((outcome) => sent?.resolve(outcome)),
    failed(code) {
      written.fail(code);
      sent?.resolve(err(code));
    },
  };
}

function failureOf({ outcome }: OutgoingBody): ErrorCode | null {
  return outcome?.tag === 'err' ? outcome.val : null;
}
