import type { Connection } from '../platform.ts';

/**
 * The value of a request's header. It looks at the lines as they came, where the platform has them: that saves making a
 * Headers. Several lines are one value, as there. RFC 9110, section 5.3.
 *
 * @param name in lower case
 */
export function headerOf(name: string, request: Request, { rawHeaders }: Connection): string | null {
  return rawHeaders === null ? request.headers.get(name) : valueIn(rawHeaders, name);
}

/** The same in lines: name, value, name, value… @param name in lower case */
export function valueIn(lines: readonly string[], name: string): string | null {
  let value: string | null = null;
  for (let index = 0; index < lines.length; index += 2) {
    const line = lines[index]!;
    if (line.length !== name.length || line.toLowerCase() !== name) continue;
    value = value === null ? lines[index + 1]! : `${value}, ${lines[index + 1]!}`;
  }
  return value;
}

/** The same lines as the standard's own class. */
export function headersOf(lines: readonly string[]): Headers {
  const headers = new Headers();
  for (let index = 0; index < lines.length; index += 2) headers.append(lines[index]!, lines[index + 1]!);
  return headers;
}

/** Whether they are those of a response whose events have to leave one by one. https://html.spec.whatwg.org/#text/event-stream */
export function isEventStream(lines: readonly string[]): boolean {
  return /^text\/event-stream *(;|$)/i.test(valueIn(lines, 'content-type') ?? '');
}

/** The value of a cookie in a `Cookie`, the first of its name. RFC 6265, section 4.2.1: pairs separated by "; ". */
export function cookieOf(header: string | null, name: string): string | null {
  for (const pair of header?.split(';') ?? []) {
    const equals = pair.indexOf('=');
    if (equals !== -1 && pair.slice(0, equals).trim() === name) return pair.slice(equals + 1).trim();
  }
  return null;
}
