import { hash } from 'node:crypto';
import { standardMessages, type Messages, type Whole } from '../../gateway/cache/messages.ts';
import { EDITOR, type HeaderEditor } from '../../gateway/response.ts';
import { BodyReader } from './body.ts';
import { headerLines, LightResponse } from './light-response.ts';

// In the host's thread alone: a function would find it, and write lines that nobody has checked.
Object.defineProperty(LightResponse.prototype, EDITOR, {
  get(this: LightResponse): HeaderEditor | null {
    return LightResponse.is(this) ? LightResponse.editor(this) : null;
  },
});

/** Without the platform's own Response and Headers, which cost more than what they hold. */
export const lightMessages: Messages = {
  make({ status, statusText, lines }, body) {
    if (!(body instanceof ReadableStream)) return light(status, lines, statusText, body);
    return LightResponse.withStream(LightResponse.of(status, lines as string[], null, { statusText }), body) as unknown as Response;
  },
  lines: (response) => (LightResponse.is(response) ? LightResponse.lines(response) : headerLines(response.headers)),
  whole(response) {
    if (!LightResponse.is(response)) return response.body === null ? null : undefined;
    const given = LightResponse.given(response);
    return given instanceof BodyReader ? undefined : (given as Whole | undefined);
  },
  hash(body) {
    // What is long is hashed beside the thread that answers; what is short takes less than to send it there.
    if (body.length > AT_ONCE) return standardMessages.hash(body);
    return hash('sha256', body, 'buffer').toString('base64', 0, 16).slice(0, -2);
  },
};

/** Bytes, or characters: some 50 µs. */
const AT_ONCE = 65_536;

// oxlint-disable-next-line max-params -- as `LightResponse.of`
function light(status: number, lines: readonly string[], statusText: string, body: Whole): Response {
  return LightResponse.of(status, lines as string[], body, { statusText }) as unknown as Response;
}
