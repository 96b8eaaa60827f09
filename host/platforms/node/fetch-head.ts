import type { Invocation } from '../../dispatch/cell.ts';

/** What is text of a request and its invocation, as a cell gets it. */
export interface FetchHead {
  readonly method: string;
  /** The URL that the function sees. */
  readonly target: string;
  readonly traceparent: string;
  /** As the client sent it. */
  readonly url: string;
  readonly address: string | null;
  readonly alias: string | null;
  /** Header lines: name, value, name, value…, each a line of the text. */
  readonly headers: string;
}

/** All of it as one text, a line of it each: many strings take longer to cross than a long one. None has a line break in it. */
export function fetchHead(
  method: string,
  { target, traceparent, url, clientAddress, alias }: Invocation,
  lines: readonly string[],
): string {
  return `${method}\n${target}\n${traceparent}\n${url}\n${clientAddress ?? ''}\n${alias ?? ''}\n${lines.join('\n')}`;
}

export function readFetchHead(text: string): FetchHead {
  let at = 0;
  const next = () => {
    const begin = at;
    const end = text.indexOf('\n', begin);
    at = end + 1;
    return text.slice(begin, end);
  };
  const [method, target, traceparent, url, address, alias] = [next(), next(), next(), next(), next(), next()];
  return {
    method,
    target,
    traceparent,
    url,
    address: address === '' ? null : address,
    alias: alias === '' ? null : alias,
    headers: text.slice(at),
  };
}
