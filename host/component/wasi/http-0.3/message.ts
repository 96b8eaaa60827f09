import type { Pending, Source } from '../../host.ts';
import type { ErrorCode } from '../http/error-code.ts';
import { Deferred, settled } from '../values/pending.ts';
import { err, ok } from '../values/result.ts';
import { EMPTY } from '../values/source.ts';
import { IncomingBody, type TrailersResult } from './incoming-body.ts';
import type { Transmission } from './outgoing-body.ts';

/** The body of a request or response, with what comes after it. */
export interface Content {
  /** null: there is none. */
  readonly body: Source | null;
  readonly trailers: Pending<TrailersResult>;
  /** Resolved when the message has been sent, or will not be; null for one that came from outside. */
  readonly sent: Deferred<Transmission> | null;
}

const NO_TRAILERS = settled<TrailersResult>(ok(undefined));
const DROPPED = err<ErrorCode>({ tag: 'internal-error', val: 'The message was dropped, and not sent.' });

export const NO_CONTENT: Content = { body: null, trailers: NO_TRAILERS, sent: null };

export function incoming(body: IncomingBody): Content {
  return { body, trailers: body.outcome, sent: null };
}

export function outgoing(
  contents: Source | undefined,
  trailers: Pending<TrailersResult>,
): Content & { readonly sent: Deferred<Transmission> } {
  return { body: contents ?? null, trailers, sent: new Deferred() };
}

/** `consume-body`: a message that the guest made itself takes for sent what the reader says of it. */
export function consume({ body, trailers, sent }: Content, outcome: Pending<Transmission>): readonly [Source, Pending<TrailersResult>] {
  outcome.read((result) => sent?.resolve(result));
  return [body ?? EMPTY, trailers];
}

/** Nobody will read it. */
export function discard({ body, trailers, sent }: Content): void {
  body?.cancel();
  if (body === null || !(body instanceof IncomingBody)) trailers.cancel();
  sent?.resolve(DROPPED);
}
