import { sha256 } from '../../bytes.ts';
import { headersOf } from '../header-lines.ts';

/** A body that is there as a whole. */
export type Whole = Uint8Array<ArrayBuffer> | string | null;

export interface MessageHead {
  readonly status: number;
  readonly statusText: string;
  /** name, value, name, value…; names in lower case. */
  readonly lines: readonly string[];
}

/** How responses are made and read without the objects that nobody looks at, where a platform can. */
export interface Messages {
  /** The lines are not changed afterwards. */
  make(head: MessageHead, body: Whole | ReadableStream<Uint8Array>): Response;
  lines(response: Response): readonly string[];
  /** undefined: it has to be read as a stream. */
  whole(response: Response): Whole | undefined;
  /** 128 bits of SHA-256, as base64 without padding. A text counts as UTF-8. */
  hash(body: string | Uint8Array<ArrayBuffer>): string | Promise<string>;
}

/** By the standard alone. */
export const standardMessages: Messages = {
  make({ status, statusText, lines }, body) {
    return new Response(body as BodyInit | null, { status, statusText, headers: headersOf(lines) });
  },
  lines(response) {
    const lines: string[] = [];
    for (const [name, value] of response.headers) lines.push(name, value);
    return lines;
  },
  whole: (response) => (response.body === null ? null : undefined),
  async hash(body) {
    const hash = (await sha256(body)).subarray(0, 16);
    return btoa(String.fromCharCode(...hash)).replace(/=+$/, '');
  },
};
