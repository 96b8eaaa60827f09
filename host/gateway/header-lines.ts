import type { Connection } from '../platform.ts';

/**
 * The value of a request's header. It looks at the lines as they came, where the platform has them: that saves making a
 * Headers. Several lines are one value, as there. RFC 9110, section 5.3.
 *
 * @param name in lower case
 */
export function headerOf(name: string, request: Request, { rawHeaders }: Connection): string | null {
  if (rawHeaders === null) return request.headers.get(name);
  let value: string | null = null;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const line = rawHeaders[index]!;
    if (line.length !== name.length || line.toLowerCase() !== name) continue;
    value = value === null ? rawHeaders[index + 1]! : `${value}, ${rawHeaders[index + 1]!}`;
  }
  return value;
}
