import { BrinkError } from '../errors.ts';
import { Pace, type PaceTerms } from './pace.ts';

/** What the gateway holds the body of a request to. */
export interface HeldTo {
  /** Bytes; Infinity where there may be any number. */
  readonly most: number;
  /** null: it may come as slowly as it likes. */
  readonly pace: PaceTerms | null;
}

export interface HoldOptions {
  readonly to: HeldTo;
  /** `name@version` */
  readonly of: string;
  /** Is told of what is wrong, before who reads the body. */
  readonly refused?: (error: BrinkError) => void;
}

/** A body that breaks off once it is too long, or has come too slowly. */
export function heldBody(body: ReadableStream<Uint8Array>, { to, of, refused = () => {} }: HoldOptions): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  let size = 0;
  let pace: Pace | null = null;
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        if (to.pace !== null) pace = new Pace(to.pace, () => fail(controller, bodyTooSlow(of, to.pace!)));
      },
      async pull(controller) {
        pace?.wait();
        const { done, value } = await reader.read().finally(() => pace?.pause());
        if (done) return controller.close();
        pace?.came(value.byteLength);
        size += value.byteLength;
        if (size > to.most) fail(controller, bodyTooLarge(of, to.most));
        else controller.enqueue(value);
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );

  function fail(controller: ReadableStreamDefaultController<Uint8Array>, error: BrinkError): void {
    pace?.pause();
    refused(error);
    controller.error(error);
    reader.cancel(error).catch(() => {});
  }
}

/** The stricter of both. */
export function heldToBoth(one: HeldTo, other: HeldTo | undefined): HeldTo {
  if (other === undefined) return one;
  return { most: Math.min(one.most, other.most), pace: one.pace ?? other.pace };
}

/** @param of `name@version` */
export function bodyTooLarge(of: string, most: number): BrinkError {
  return new BrinkError('request-too-large', `${of} takes no request with a body of more than ${most} bytes (limits of its gateway).`, {
    details: { limit: most },
  });
}

/** @param of `name@version` */
export function bodyTooSlow(of: string, { rate }: PaceTerms): BrinkError {
  return new BrinkError('request-timeout', `The body of the request to ${of} came too slowly: less than ${rate} bytes in a second.`, {
    details: { limit: rate },
  });
}
