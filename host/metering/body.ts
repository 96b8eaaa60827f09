/** What a platform knows of its own responses; without it a body is read as a stream. */
export interface BodyTools {
  /** Bytes of a body that is there; null where it comes in pieces, or nobody knows. */
  sizeOf(response: Response): number | null;
  /** The same response with another body. */
  withBody(response: Response, body: ReadableStream<Uint8Array>): Response;
}

export interface CountedBodyOptions {
  readonly tools?: BodyTools | undefined;
  /** At the end, or when nobody reads on. Its promise is waited for before the end is told. */
  readonly done: (bytes: number) => Promise<void> | null;
}

/** Bytes of a response's body; null where they have to be counted as they go. */
export function bodySize(method: string, response: Response, tools: BodyTools | undefined): number | null {
  // RFC 9112, section 6.3: those that have none, whatever their head says. Messages after a 101 are counted as they pass.
  if (method === 'HEAD' || response.status < 200 || response.status === 204 || response.status === 304) return 0;
  const known = tools?.sizeOf(response);
  if (known !== undefined && known !== null) return known;
  return lengthOf(response.headers.get('content-length')) ?? (response.body === null ? 0 : null);
}

export function lengthOf(text: string | null): number | null {
  return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : null;
}

export function countedBody(response: Response, { tools, done }: CountedBodyOptions): Response {
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  let bytes = 0;
  const stream = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { value } = await reader.read();
          if (value !== undefined) {
            bytes += value.byteLength;
            return controller.enqueue(value);
          }
        } catch (error) {
          await done(bytes);
          throw error;
        }
        await done(bytes);
        controller.close();
      },
      async cancel(reason) {
        await Promise.all([done(bytes), reader.cancel(reason)]);
      },
    },
    { highWaterMark: 0 },
  );
  return tools === undefined ? new Response(stream, response) : tools.withBody(response, stream);
}
