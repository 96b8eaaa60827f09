import { limitedBody, requestTooLarge, responseTooLarge, toldBody, type BodySizes } from '../../cell/body-size.ts';
import type { Invocation } from '../../dispatch/cell.ts';
import { heldBody } from '../../gateway/held-body.ts';
import type { BrinkError } from '../../errors.ts';
import type { CellEntrypoint } from './cell.ts';

/** workerd's own. */
const { FixedLengthStream: FixedLength } = globalThis as unknown as {
  readonly FixedLengthStream: new (length: number) => ReadableWritablePair<Uint8Array, Uint8Array>;
};

export interface Forwarding {
  readonly invocation: Invocation;
  readonly sizes: BodySizes;
  /** Instead of the request's own. */
  readonly body?: Request['body'];
}

/** Hands a request on to its cell. @throws {BrinkError} `request-too-large`, `request-timeout`, `response-too-large` */
export function forward(entrypoint: CellEntrypoint, request: Request, { invocation, sizes }: Forwarding): Promise<Response> {
  if (invocation.held && request.body !== null) return held(entrypoint, request, { invocation, sizes });
  const { received } = invocation;
  if (sizes.request !== Infinity || sizes.response !== Infinity) return sized(entrypoint, request, { invocation, sizes });
  if (received === undefined || request.body === null) return hand(entrypoint, request, invocation);
  return hand(entrypoint, request, invocation, toldBody(request.body, received) as Request['body']);
}

/**
 * Hands the request on, in one step: each Request made in between costs as much as a small handler. Where the request
 * is the runtime's own (`raw`), its end, by the client or the deadline, ends this call too, without a signal.
 */
function hand(
  entrypoint: CellEntrypoint,
  request: Request,
  { target, raw }: Invocation,
  body: Request['body'] = request.body,
): Promise<Response> {
  const { method, headers } = request;
  const init: RequestInit & { cf?: unknown } = { method, headers, body, redirect: 'manual', cf: (request as { cf?: unknown }).cf };
  if (raw === null) init.signal = request.signal;
  return entrypoint.fetch(target, init);
}

/** As the gateway wants it: what is refused is so at once, whatever the function makes of half a body. */
function held(entrypoint: CellEntrypoint, request: Request, { invocation, sizes }: Forwarding): Promise<Response> {
  const { promise, reject } = Promise.withResolvers<never>();
  const of = `${invocation.function}@${invocation.version}`;
  const stream = heldBody(request.body!, { to: invocation.held!, of, refused: reject });
  const length = lengthOf(request.headers);
  // A stream alone would lose its length.
  const body = (length === null ? stream : stream.pipeThrough(new FixedLength(length))) as Request['body'];
  return Promise.race([sized(entrypoint, request, { invocation, sizes, body }), promise]);
}

/** Where a length is said, the platform holds the body to it; else it is counted as it passes. */
async function sized(
  entrypoint: CellEntrypoint,
  request: Request,
  { invocation, sizes, body: whole = request.body }: Forwarding,
): Promise<Response> {
  const of = `${invocation.function}@${invocation.version}`;
  const length = lengthOf(request.headers);
  let error: BrinkError | undefined;
  const tooLarge = () => (error = requestTooLarge(of, sizes.request));
  if (length !== null && length > sizes.request) throw tooLarge();
  const counted = whole !== null && length === null && sizes.request !== Infinity;
  const { received } = invocation;
  const told = received === undefined || whole === null ? whole : (toldBody(whole, received) as Request['body']);
  const body = counted ? (limitedBody(told!, sizes.request, tooLarge) as Request['body']) : told;
  const response = await hand(entrypoint, request, invocation, body).catch((cause: unknown) => {
    throw error ?? cause;
  });
  // A handler that was given half a body may have answered all the same.
  if (error !== undefined) throw error;
  if (sizes.response === Infinity || response.body === null) return response;
  const back = lengthOf(response.headers);
  if (back !== null && back <= sizes.response) return response;
  if (back !== null) throw responseTooLarge(of, sizes.response);
  return new Response(limitedBody(response.body, sizes.response, () => responseTooLarge(of, sizes.response)) as BodyInit, response);
}

function lengthOf(headers: Headers): number | null {
  const value = headers.get('content-length');
  return value === null ? null : Number(value);
}
