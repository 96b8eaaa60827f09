import { BrinkError } from '../errors.ts';
import type { Limits } from './limits.ts';

const MB = 2 ** 20;

/** How many bytes the bodies of one invocation may have; Infinity where there is no limit. */
export interface BodySizes {
  readonly request: number;
  readonly response: number;
}

export function bodySizes({ request_body_mb: request, response_body_mb: response }: Limits): BodySizes {
  return { request: request * MB, response: response * MB };
}

/** @param of `name@version` */
export function requestTooLarge(of: string, most: number): BrinkError {
  return new BrinkError('request-too-large', `${of} takes no request of more than ${most / MB} MB (limits.request_body_mb).`, {
    details: { limit: most },
  });
}

/** @param of `name@version` */
export function responseTooLarge(of: string, most: number): BrinkError {
  return new BrinkError('response-too-large', `${of} gave a response of more than the ${most / MB} MB of limits.response_body_mb.`, {
    details: { limit: most },
  });
}

/** A body that tells of its bytes as they pass. */
export function toldBody(body: ReadableStream<Uint8Array>, tell: (bytes: number) => void): ReadableStream<Uint8Array> {
  return body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        tell(chunk.byteLength);
        controller.enqueue(chunk);
      },
    }),
  );
}

/** A body that breaks off with `error` once it has more than `most` bytes. */
export function limitedBody(body: ReadableStream<Uint8Array>, most: number, error: () => Error): ReadableStream<Uint8Array> {
  let size = 0;
  return body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        size += chunk.byteLength;
        if (size > most) throw error();
        controller.enqueue(chunk);
      },
    }),
  );
}
