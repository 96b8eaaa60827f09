import { request, type IncomingHttpHeaders } from 'node:http';
import type { TestHost } from './harness.ts';

export interface RawRequest {
  /** Sent as it is: no URL parser looks at it. */
  readonly path?: string;
  /** The Host header, without a port; the host's own address by default. */
  readonly host?: string;
  readonly method?: string;
  readonly headers?: Record<string, string | string[]>;
  readonly body?: string | Uint8Array;
}

export interface RawResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The body as JSON; `{}` where it is none. */
  readonly json: Record<string, unknown>;
}

/** One request, with what `fetch` forbids: a Host header of one's own, and a path that stays as it is written. */
export function send({ url }: TestHost, { path = '/', host, method = 'GET', headers = {}, body }: RawRequest): Promise<RawResponse> {
  const { hostname, port } = new URL(url);
  const all = { ...headers, ...(host !== undefined && { host: `${host}:${port}` }) };
  return new Promise((resolve, reject) => {
    const outgoing = request({ hostname, port, path, method, headers: all }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => void chunks.push(chunk));
      incoming.on('error', reject);
      incoming.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        resolve({ status: incoming.statusCode!, headers: incoming.headers, text, json: jsonOf(text) });
      });
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

function jsonOf(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return {};
  }
}
