import { Deferred } from '../../../host/component/wasi/values/pending.ts';
import type { Fields } from '../../../host/component/wasi/http/fields.ts';
import { types } from '../../../host/component/wasi/http-0.3/types.ts';
import type { WasiRequest } from '../../../host/component/wasi/http-0.3/request.ts';
import type { WasiResponse } from '../../../host/component/wasi/http-0.3/response.ts';
import { bytes, functionsOf, valueOf, type FakeStream } from '../wasi/fake-world.ts';

/** wasi:http/types, as a guest calls it. */
export const http = functionsOf(types);

export const OK = { tag: 'ok', val: undefined };

/** A future that the guest writes. */
export class FakeFuture extends Deferred<unknown> {
  cancelled = false;

  override cancel(): void {
    this.cancelled = true;
    super.cancel();
  }
}

export function noTrailers(): FakeFuture {
  const future = new FakeFuture();
  future.resolve(OK);
  return future;
}

export function fieldsOf(entries: Record<string, string> = {}): Fields {
  const made = http['[static]fields.from-list']!(Object.entries(entries).map(([name, value]) => [name, bytes(value)])) as { val: Fields };
  return made.val;
}

export interface MessageOptions {
  readonly headers?: Record<string, string>;
  readonly contents?: FakeStream;
  readonly trailers?: FakeFuture;
}

export function newRequest(
  { headers, contents, trailers = noTrailers() }: MessageOptions,
  target: { method?: string; authority?: string; path?: string; options?: unknown } = {},
): { request: WasiRequest; sent: () => unknown } {
  const [request, sent] = http['[static]request.new']!(fieldsOf(headers), contents, trailers, target.options) as [WasiRequest, unknown];
  http['[method]request.set-method']!(request, { tag: 'other', val: target.method ?? 'GET' });
  http['[method]request.set-scheme']!(request, { tag: 'HTTP' });
  http['[method]request.set-authority']!(request, target.authority ?? 'example.com');
  http['[method]request.set-path-with-query']!(request, target.path ?? '/');
  return { request, sent: () => valueOf(sent) };
}

export function newResponse(
  { headers, contents, trailers = noTrailers() }: MessageOptions,
  status = 200,
): { response: WasiResponse; result: { tag: 'ok'; val: WasiResponse }; sent: () => unknown } {
  const [response, sent] = http['[static]response.new']!(fieldsOf(headers), contents, trailers) as [WasiResponse, unknown];
  http['[method]response.set-status-code']!(response, status);
  return { response, result: { tag: 'ok', val: response }, sent: () => valueOf(sent) };
}

/** Reads a stream chunk by chunk, as a guest does. */
export async function collect(source: unknown): Promise<string> {
  let text = '';
  for (;;) {
    const chunk = await nextOf(source);
    if (chunk === null) return text;
    text += chunk;
  }
}

export function nextOf(source: unknown): Promise<string | null> {
  return new Promise((resolve) => {
    (source as { read(done: (chunk: Uint8Array | null) => void): void }).read((chunk) =>
      resolve(chunk === null ? null : new TextDecoder().decode(chunk)),
    );
  });
}
