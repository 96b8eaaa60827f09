import type { ServerResponse } from 'node:http';
import { BodyReader } from './body.ts';
import { headerLines, LightResponse } from './light-response.ts';

/** Writes a cell's response; a promise only where its body comes in pieces. */
export function writeLight(response: LightResponse, outgoing: ServerResponse): Promise<void> | undefined {
  const given = LightResponse.given(response);
  const lines = LightResponse.lines(response);
  if (given === undefined) return writeResponse(response as unknown as Response, outgoing);
  if (given instanceof BodyReader) {
    outgoing.writeHead(response.status, response.statusText || undefined, lines);
    outgoing.flushHeaders();
    return pump(
      outgoing,
      () => given.next(),
      () => given.discard(),
    );
  }
  if (given === null) {
    outgoing.writeHead(response.status, response.statusText || undefined, withLength(lines, 0, response.status, outgoing));
    outgoing.end();
    return undefined;
  }
  const length = typeof given === 'string' ? Buffer.byteLength(given) : given.byteLength;
  outgoing.writeHead(response.status, response.statusText || undefined, withLength(lines, length, response.status, outgoing));
  outgoing.end(given);
  return undefined;
}

/** Writes a response of the host's own, which is small. */
export async function writeWhole(response: Response, outgoing: ServerResponse): Promise<void> {
  const body = await response.bytes();
  const lines = withLength(headerLines(response.headers), body.byteLength, response.status, outgoing);
  outgoing.writeHead(response.status, response.statusText || undefined, lines);
  outgoing.end(body);
}

/** Writes any response, whose body is read only as fast as the client takes it. */
export async function writeResponse(response: Response, outgoing: ServerResponse): Promise<void> {
  outgoing.writeHead(response.status, response.statusText || undefined, headerLines(response.headers));
  if (response.body === null) {
    outgoing.end();
    return;
  }
  outgoing.flushHeaders();
  const reader = response.body.getReader();
  await pump(
    outgoing,
    async () => (await reader.read()).value ?? null,
    () => void reader.cancel().catch(() => {}),
  );
}

async function pump(outgoing: ServerResponse, next: () => Promise<Uint8Array | null>, discard: () => void): Promise<void> {
  let resume: (() => void) | undefined;
  const onClose = () => {
    discard();
    resume?.();
  };
  outgoing.once('close', onClose).on('drain', () => resume?.());
  try {
    for (;;) {
      const chunk = await next();
      if (chunk === null || outgoing.destroyed) break;
      if (!outgoing.write(chunk) && !outgoing.destroyed) await new Promise<void>((resolve) => (resume = resolve));
    }
    outgoing.off('close', onClose).end();
  } catch {
    // The head is gone already; a connection that ends early is how a client learns of it. RFC 9112, section 8.
    outgoing.off('close', onClose).destroy();
  }
}

/** A length for a client to see the end by, where the function has not given one. */
function withLength(lines: readonly string[], length: number, status: number, outgoing: ServerResponse): string[] {
  // RFC 9110, section 8.6: none with 1xx and 204, and a HEAD's would be that of the body that is not there.
  if (status < 200 || status === 204 || status === 304 || (length === 0 && outgoing.req.method === 'HEAD')) return lines as string[];
  for (let index = 0; index < lines.length; index += 2) {
    if (lines[index] === 'content-length' || lines[index] === 'transfer-encoding') return lines as string[];
  }
  return [...lines, 'content-length', String(length)];
}
