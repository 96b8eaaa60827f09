import { LightResponse, headerLines } from '../light-response.ts';

/** What a response is on its way to the main thread: its body is whole, or a stream to be sent in frames. */
export interface Reply {
  readonly status: number;
  readonly statusText: string;
  readonly headers: string[];
  readonly body: string | Uint8Array | null | ReadableStream<Uint8Array>;
}

/** Codings that Workers puts on a body whose `Content-Encoding` names them. */
const CODINGS: Readonly<Record<string, string>> = { gzip: 'gzip', br: 'brotli' };

export interface ReplyOptions {
  /** That of the request. */
  readonly method: string;
  /** For another function: the body goes without a content coding, whatever the headers say, as `fetch` would give it. */
  readonly plain: boolean;
}

export function replyOf(response: Response, { method, plain }: ReplyOptions): Reply {
  const light = LightResponse.is(response) ? response : undefined;
  const headers = light ? LightResponse.lines(light) : headerLines(response.headers);
  const { status, statusText } = response;
  if (method === 'HEAD' || status === 204 || status === 304) {
    if (light === undefined || wholeOf(light) === undefined) response.body?.cancel().catch(() => {});
    return { status, statusText, headers, body: null };
  }
  const whole = light ? wholeOf(light) : undefined;
  const coding = contentCoding(headers);
  const manual = light?.encodeBody === 'manual';
  if (plain && manual && coding !== undefined)
    return { status, statusText, headers, body: response.body?.pipeThrough(decompression(coding)) ?? null };
  if (coding === undefined || plain || manual) return { status, statusText, headers, body: whole === undefined ? response.body : whole };
  // The body as the function has it is plain: `fetch` has taken the coding off, or the author asks for it to be put on.
  return { status, statusText, headers: without(headers, 'content-length'), body: response.body?.pipeThrough(compression(coding)) ?? null };
}

/** In a cell no body comes in frames of a response. */
function wholeOf(response: LightResponse): string | Uint8Array | null | undefined {
  return LightResponse.given(response) as string | Uint8Array | null | undefined;
}

function contentCoding(headers: readonly string[]): string | undefined {
  for (let index = 0; index < headers.length; index += 2) {
    if (headers[index] === 'content-encoding') return CODINGS[headers[index + 1]!.toLowerCase()];
  }
  return undefined;
}

function compression(coding: string): ReadableWritablePair<Uint8Array, Uint8Array<ArrayBuffer>> {
  return new CompressionStream(coding as CompressionFormat) as unknown as ReadableWritablePair<Uint8Array, Uint8Array<ArrayBuffer>>;
}

function decompression(coding: string): ReadableWritablePair<Uint8Array, Uint8Array<ArrayBuffer>> {
  return new DecompressionStream(coding as CompressionFormat) as unknown as ReadableWritablePair<Uint8Array, Uint8Array<ArrayBuffer>>;
}

function without(headers: readonly string[], name: string): string[] {
  const kept: string[] = [];
  for (let index = 0; index < headers.length; index += 2) if (headers[index] !== name) kept.push(headers[index]!, headers[index + 1]!);
  return kept;
}
