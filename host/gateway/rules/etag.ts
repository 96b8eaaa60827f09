import { forNotModified, isUnmodified } from '../cache/answer.ts';
import { gathered } from '../cache/gathered.ts';
import type { Messages } from '../cache/messages.ts';
import { isEventStream, valueIn } from '../header-lines.ts';
import type { RuleKind } from '../rules.ts';

/** Makes an ETag of the bytes of a response that has none, and answers who has them already. RFC 9110, section 8.8.3. */
export function etag(messages: Messages): RuleKind<'etag'> {
  return {
    name: 'etag',
    step: (rule) => async (call, next) => {
      const response = await next(call);
      const { status, statusText } = response;
      // To HEAD there are no bytes that it could be made of.
      if (call.method !== 'GET' || status !== 200) return response;
      const lines = messages.lines(response);
      const given = valueIn(lines, 'etag');
      if (given !== null || isEventStream(lines)) return response;
      const most = rule.max_size_kb * 1024;
      if (Number(valueIn(lines, 'content-length') ?? 0) > most) return response;
      const whole = messages.whole(response);
      const body = whole === undefined ? await gathered(response.body!, most) : whole;
      if (body instanceof ReadableStream) return messages.make({ status, statusText, lines }, body);
      const bytes = typeof body === 'string' ? utf8.encode(body) : (body ?? new Uint8Array());
      if (bytes.byteLength > most) return messages.make({ status, statusText, lines }, body);
      const tag = `"${await hashOf(bytes)}"`;
      const tagged = [...lines, 'etag', tag];
      if (
        isUnmodified({ etag: tag, modified: null, lines, came: Infinity }, (name) => (name === 'if-none-match' ? call.sent(name) : null), 0)
      )
        return messages.make({ status: 304, statusText: '', lines: forNotModified(tagged) }, null);
      return messages.make({ status, statusText, lines: tagged }, body);
    },
  };
}

const utf8 = new TextEncoder();

/** 128 bits of SHA-256. */
async function hashOf(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)).subarray(0, 16);
  return btoa(String.fromCharCode(...hash)).replace(/=+$/, '');
}
