/** Streams whose length the platform knows: who takes them on is told it, and sees where one breaks off. */
const known = new WeakSet<ReadableStream>();

export function knowsLength(stream: ReadableStream): boolean {
  return known.has(stream);
}

type Fixed = new (size: number | bigint) => ReadableWritablePair<Uint8Array, Uint8Array>;

const { FixedLengthStream: NativeFixed } = globalThis as unknown as { FixedLengthStream: Fixed };

export function ofLength(stream: ReadableStream<Uint8Array>, size: number): ReadableStream<Uint8Array> {
  const whole = stream.pipeThrough(new NativeFixed(size));
  known.add(whole);
  return whole;
}

/** From here on such streams are noticed: bodies with Content-Length, and what comes out of a `FixedLengthStream`. */
export function noticeLengths(): void {
  for (const Class of [Request, Response]) noticeBodies(Class.prototype);
  const Noticed = class FixedLengthStream extends NativeFixed {
    constructor(size: number | bigint) {
      super(size);
      known.add(this.readable);
    }
  };
  Object.defineProperty(globalThis, 'FixedLengthStream', { value: Noticed, configurable: true, writable: true });
}

function noticeBodies(prototype: Request | Response): void {
  const own =
    Object.getOwnPropertyDescriptor(prototype, 'body') ?? Object.getOwnPropertyDescriptor(Object.getPrototypeOf(prototype), 'body');
  const get = own?.get as (this: Request | Response) => ReadableStream | null;
  Object.defineProperty(prototype, 'body', {
    get(this: Request | Response) {
      const body = get.call(this);
      // What is in a coding comes out of it in another length.
      if (body !== null && this.headers.has('content-length') && !this.headers.has('content-encoding')) known.add(body);
      return body;
    },
    configurable: true,
    enumerable: true,
  });
}
