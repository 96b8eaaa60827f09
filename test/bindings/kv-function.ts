/**
 * A function that does to `env.KV` what it is told: one suite runs in a test, in a cell and in a plain Worker. Values that
 * JSON has not are tagged; see `Tagged`. It imports nothing, so that its text alone is a module.
 */
export type Tagged =
  | { readonly t: 'json'; readonly v: unknown }
  | { readonly t: 'undefined' }
  | { readonly t: 'bigint'; readonly v: string }
  | { readonly t: 'map'; readonly v: readonly (readonly [string, Tagged])[] }
  /** Bytes as a string of Latin-1, as a view into a larger buffer, a buffer, or a stream of two chunks. */
  | { readonly t: 'view' | 'buffer' | 'stream'; readonly v: string }
  /** A value of `size` times "x". */
  | { readonly t: 'fill'; readonly size: number; readonly as: 'string' | 'buffer' | 'stream' }
  /** A stream that breaks after its first chunk. */
  | { readonly t: 'broken' }
  /** What is too large to be sent back. */
  | { readonly t: 'large'; readonly size: number; readonly filled: boolean };

export interface Order {
  readonly method: string;
  readonly args: readonly Tagged[];
}

export type Outcome =
  { readonly value: Tagged } | { readonly error: { readonly name: string; readonly message: string; readonly code?: unknown } };

const LARGE = 1_000_000;

export default {
  async fetch(request: Request, env: { readonly KV: object }): Promise<Response> {
    const orders = (await request.json()) as Order[];
    return Response.json(await Promise.all(orders.map((order) => perform(env.KV, order))));
  },
};

export async function perform(kv: object, { method, args }: Order): Promise<Outcome> {
  try {
    const call = (kv as Record<string, (...args: unknown[]) => Promise<unknown>>)[method]!;
    return { value: await tagged(await call.call(kv, ...args.map(untagged))) };
  } catch (error) {
    const { name, message, code } = error as Error & { code?: unknown };
    return { error: { name, message, code } };
  }
}

async function tagged(value: unknown): Promise<Tagged> {
  if (value === undefined) return { t: 'undefined' };
  if (typeof value === 'bigint') return { t: 'bigint', v: String(value) };
  if (value instanceof Map) {
    const entries = await Promise.all([...(value as Map<string, unknown>)].map(async ([key, each]) => [key, await tagged(each)] as const));
    return { t: 'map', v: entries };
  }
  if (value instanceof ReadableStream) return ofBytes('stream', new Uint8Array(await new Response(value).arrayBuffer()));
  if (value instanceof ArrayBuffer) return ofBytes('buffer', new Uint8Array(value));
  if (typeof value === 'string' && value.length > LARGE) return { t: 'large', size: value.length, filled: /^x+$/.test(value) };
  if (value !== null && typeof value === 'object' && 'value' in value && typeof value.value === 'object' && value.value !== null) {
    const inner = await tagged(value.value);
    if (inner.t !== 'json')
      return {
        t: 'map',
        v: [
          ['value', inner],
          ['rest', { t: 'json', v: { ...value, value: undefined } }],
        ],
      };
  }
  return { t: 'json', v: value };
}

function ofBytes(t: 'stream' | 'buffer', bytes: Uint8Array): Tagged {
  if (bytes.byteLength > LARGE) return { t: 'large', size: bytes.byteLength, filled: bytes.every((byte) => byte === 120) };
  return { t, v: Array.from(bytes, (byte) => String.fromCharCode(byte)).join('') };
}

function untagged(value: Tagged): unknown {
  switch (value.t) {
    case 'json':
      return value.v;
    case 'undefined':
      return undefined;
    case 'bigint':
      return BigInt(value.v);
    case 'view':
      return bytesOf(`<${value.v}>`).subarray(1, value.v.length + 1);
    case 'buffer':
      return bytesOf(value.v).buffer;
    case 'stream':
      return streamOf([bytesOf(value.v.slice(0, 2)), bytesOf(value.v.slice(2))]);
    case 'broken':
      return streamOf([bytesOf('first'), new Error('no more')]);
    case 'fill': {
      if (value.as === 'string') return 'x'.repeat(value.size);
      if (value.as === 'buffer') return new Uint8Array(value.size).fill(120).buffer;
      const piece = 100_000;
      const sizes = Array.from({ length: Math.ceil(value.size / piece) }, (_, index) => Math.min(piece, value.size - index * piece));
      return streamOf(sizes.map((size) => new Uint8Array(size).fill(120)));
    }
    default:
      throw new Error(`No argument is a ${value.t}.`);
  }
}

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

function streamOf(parts: (Uint8Array | Error)[]): ReadableStream<Uint8Array> {
  const left = parts.filter((part) => part instanceof Error || part.byteLength > 0);
  return new ReadableStream({
    pull(controller) {
      const part = left.shift();
      if (part === undefined) controller.close();
      else if (part instanceof Error) controller.error(part);
      else controller.enqueue(part);
    },
  });
}
