import type { CompressRule } from '../../registry/gateway/compress.ts';
import { cacheControl } from '../cache/directives.ts';
import { codingFor, type Encoding } from '../cache/encoding.ts';
import { gathered } from '../cache/gathered.ts';
import type { MessageHead, Messages, Whole } from '../cache/messages.ts';
import type { GatewayCall } from '../call.ts';
import { headersOf, valueIn } from '../header-lines.ts';
import { problemOf } from '../problem.ts';
import { addVary, withHeaders } from '../response.ts';
import { isFramed } from '../rpc.ts';
import type { RuleKind } from '../rules.ts';

export interface CompressTools {
  readonly messages: Messages;
  readonly encoding: Encoding;
}

/** Compresses what a client takes compressed. It stands behind the cache, which keeps what it has made. */
export function compress({ messages, encoding }: CompressTools): RuleKind<'compress'> {
  return {
    name: 'compress',
    filter(rule) {
      const codings = rule.codings.filter((coding) => encoding.codings.includes(coding));
      const isType = typeTest(rule.types);
      const compressed = async (call: GatewayCall, response: Response, lines: readonly string[]): Promise<Response> => {
        const whole = messages.whole(response);
        const coding = call.method === 'HEAD' ? null : codingFor(call.sent('accept-encoding'), codings);
        if (coding === null) return withHeaders(response, (headers) => addVary(headers, 'Accept-Encoding'));
        const head = { status: response.status, statusText: response.statusText, lines };
        // Not all platforms say how long a body is that is there already.
        const body = whole === undefined && !isMeasured(lines) ? await gathered(response.body!, rule.min_size) : (whole ?? response.body!);
        if (!(body instanceof ReadableStream) && whole === undefined) return messages.make(varied(head), body);
        const encoded = { ...head, lines: encodedLines(lines, coding) };
        return messages.make(encoded, body instanceof ReadableStream ? encoding.stream(body, coding) : await encoding.whole(body, coding));
      };
      return (call) => (response) => {
        // Whatever stands before it looks at the error itself.
        if (response.status >= 400 && problemOf(response) !== null) return response;
        const lines = messages.lines(response);
        if (isSmall(messages.whole(response), lines, rule) || !isCompressible(response.status, lines, isType)) return response;
        return compressed(call, response, lines);
      };
    },
  };
}

/** What has a body that may be changed, and that changing makes smaller. */
function isCompressible(status: number, lines: readonly string[], isType: (type: string) => boolean): boolean {
  if (status < 200 || [204, 205, 206, 304].includes(status)) return false;
  if (valueIn(lines, 'content-encoding') !== null || valueIn(lines, 'content-range') !== null) return false;
  // RFC 9111, section 5.2.2.6.
  if (cacheControl(valueIn(lines, 'cache-control')).has('no-transform')) return false;
  const type = valueIn(lines, 'content-type')?.split(';', 1)[0]!.trim().toLowerCase() ?? '';
  // Events have to leave one by one, on every platform, and so have messages, whose frames say themselves how they are compressed.
  return type !== 'text/event-stream' && !isFramed(type) && isType(type);
}

function typeTest(types: readonly string[]): (type: string) => boolean {
  const exact = new Set(types.filter((type) => !type.includes('*')));
  const starts = types.filter((type) => type.endsWith('*')).map((type) => type.slice(0, -1));
  const ends = types.filter((type) => type.startsWith('*') && !type.endsWith('*')).map((type) => type.slice(1));
  return (type) => exact.has(type) || starts.some((start) => type.startsWith(start)) || ends.some((end) => type.endsWith(end));
}

function isSmall(whole: Whole | undefined, lines: readonly string[], { min_size: least }: CompressRule): boolean {
  if (whole === null) return true;
  if (whole !== undefined) return whole.length < least;
  const length = valueIn(lines, 'content-length');
  return length !== null && Number(length) < least;
}

function isMeasured(lines: readonly string[]): boolean {
  return valueIn(lines, 'content-length') !== null;
}

function varied(head: MessageHead): MessageHead {
  return { ...head, lines: [...head.lines, 'vary', 'Accept-Encoding'] };
}

/** RFC 9110, sections 8.4, 8.8.1 and 12.5.5: other bytes, which a strong validator cannot be the same for. */
function encodedLines(lines: readonly string[], coding: string): string[] {
  const headers = headersOf(lines);
  for (const name of ['content-length', 'accept-ranges', 'content-md5', 'content-digest', 'repr-digest']) headers.delete(name);
  const etag = headers.get('etag');
  if (etag?.startsWith('"')) headers.set('etag', `W/${etag}`);
  headers.set('content-encoding', coding);
  addVary(headers, 'Accept-Encoding');
  return [...headers].flat();
}
