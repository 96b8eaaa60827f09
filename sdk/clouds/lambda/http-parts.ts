import type { Call } from '../settings.ts';
import { bodyText, isTextual, type BodyText } from '../text.ts';

/** What the events of HTTP are made of. */
export interface HttpParts {
  readonly request: Request;
  readonly url: URL;
  /** With what AWS's front adds: the client's address, port and scheme, and the trace. */
  readonly headers: Headers;
  /** null where there is none. */
  readonly body: BodyText | null;
  readonly sourceIp: string;
  readonly userAgent: string;
  readonly time: number;
  readonly requestId: string;
  /** The path as the client sent it, before its route took a prefix away. */
  readonly fullPath: string;
}

interface PartsOptions extends Pick<Call, 'brink'> {
  /** API Gateway's REST APIs give forms as text, the others in base64. */
  readonly formsAreText: boolean;
}

const FORM = /^application\/x-www-form-urlencoded\s*(?:;|$)/i;

export async function httpParts(request: Request, { brink, formsAreText }: PartsOptions): Promise<HttpParts> {
  const url = new URL(request.url);
  const bytes = request.body === null ? new Uint8Array() : new Uint8Array(await request.arrayBuffer());
  const form = formsAreText && FORM.test(request.headers.get('content-type') ?? '');
  const sourceIp = brink.clientAddress ?? '127.0.0.1';
  return {
    request,
    url,
    headers: withFront(request.headers, { url, sourceIp, traceparent: brink.traceparent }),
    body: bytes.byteLength === 0 ? null : bodyText(bytes, form || isTextual(request.headers)),
    sourceIp,
    userAgent: request.headers.get('user-agent') ?? '',
    time: Date.now(),
    requestId: brink.requestId,
    fullPath: new URL(brink.url, url).pathname,
  };
}

/** `12/Mar/2020:19:03:58 +0000`, as in common log format. */
export function logTime(time: number): string {
  const [, day, month, year, clock] = /^\w+, (\d+) (\w+) (\d+) ([\d:]+) GMT$/.exec(new Date(time).toUTCString())!;
  return `${day}/${month}/${year}:${clock} +0000`;
}

/** `Content-Type`, as clients write it over HTTP/1.1: functions look for headers by that name where AWS leaves them as they came. */
export function titleCase(name: string): string {
  return name.replace(/(?:^|-)[a-z]/g, (letter) => letter.toUpperCase());
}

function withFront(sent: Headers, { url, sourceIp, traceparent }: { url: URL; sourceIp: string; traceparent: string }): Headers {
  const headers = new Headers(sent);
  const scheme = url.protocol.slice(0, -1);
  headers.append('x-forwarded-for', sourceIp);
  headers.set('x-forwarded-port', url.port === '' ? (scheme === 'https' ? '443' : '80') : url.port);
  headers.set('x-forwarded-proto', scheme);
  if (!headers.has('x-amzn-trace-id')) headers.set('x-amzn-trace-id', traceId(traceparent));
  if (!headers.has('host')) headers.set('host', url.host);
  return headers;
}

/** A W3C trace id in X-Ray's form. https://docs.aws.amazon.com/xray/latest/devguide/xray-api-sendingdata.html#xray-api-traceids */
function traceId(traceparent: string): string {
  const id = traceparent.slice(3, 35);
  return `Root=1-${id.slice(0, 8)}-${id.slice(8)}`;
}
