import { forNotModified, isUnmodified } from '../cache/answer.ts';
import { gathered } from '../cache/gathered.ts';
import type { Messages, Whole } from '../cache/messages.ts';
import type { GatewayCall } from '../call.ts';
import { isEventStream, valueIn } from '../header-lines.ts';
import type { RuleKind } from '../rules.ts';

/** Makes an ETag of the bytes of a response that has none, and answers who has them already. RFC 9110, section 8.8.3. */
export function etag(messages: Messages): RuleKind<'etag'> {
  return {
    name: 'etag',
    filter(rule) {
      const most = rule.max_size_kb * 1024;

      const tagged = (call: GatewayCall, response: Response, body: Whole): Response | Promise<Response> => {
        const { status, statusText } = response;
        const lines = messages.lines(response);
        if (isLarger(body, most)) return messages.make({ status, statusText, lines }, body);
        const hash = messages.hash(body ?? '');
        const given = (late: string) => {
          const tag = `"${late}"`;
          const all = [...lines, 'etag', tag];
          const entry = { etag: tag, modified: null, lines, came: Infinity };
          if (isUnmodified(entry, (name) => (name === 'if-none-match' ? call.sent(name) : null), 0))
            return messages.make({ status: 304, statusText: '', lines: forNotModified(all) }, null);
          return messages.make({ status, statusText, lines: all }, body);
        };
        return typeof hash === 'string' ? given(hash) : hash.then(given);
      };

      const read = async (call: GatewayCall, response: Response): Promise<Response> => {
        const { status, statusText } = response;
        const lines = messages.lines(response);
        const body = await gathered(response.body!, most);
        return body instanceof ReadableStream ? messages.make({ status, statusText, lines }, body) : tagged(call, response, body);
      };

      return (call) => {
        // To HEAD there are no bytes that it could be made of.
        if (call.method !== 'GET') return undefined;
        return (response) => {
          if (response.status !== 200) return response;
          const lines = messages.lines(response);
          if (valueIn(lines, 'etag') !== null || isEventStream(lines)) return response;
          if (Number(valueIn(lines, 'content-length') ?? 0) > most) return response;
          const whole = messages.whole(response);
          return whole === undefined ? read(call, response) : tagged(call, response, whole);
        };
      };
    },
  };
}

const utf8 = new TextEncoder();

function isLarger(body: Whole, most: number): boolean {
  if (typeof body !== 'string') return body !== null && body.byteLength > most;
  // A character has three bytes at most.
  return body.length * 3 > most && utf8.encode(body).byteLength > most;
}
