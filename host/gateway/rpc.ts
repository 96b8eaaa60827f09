import type { BrinkError, Code } from '../errors.ts';

/** How errors are told to a client that calls procedures. */
export interface RpcForm {
  readonly protocol: 'connect' | 'connect-stream' | 'grpc-web' | 'grpc-web-text';
  /** Of the request, and so of the response. */
  readonly type: string;
}

export interface RpcRequest {
  readonly method: string;
  readonly url: string;
  /** @param name in lower case */
  header(name: string): string | null;
}

/** Codes by name, with gRPC's number. https://connectrpc.com/docs/protocol/#error-codes, https://grpc.io/docs/guides/status-codes/ */
const CODES = {
  canceled: 1,
  unknown: 2,
  invalid_argument: 3,
  deadline_exceeded: 4,
  not_found: 5,
  permission_denied: 7,
  resource_exhausted: 8,
  aborted: 10,
  unimplemented: 12,
  internal: 13,
  unavailable: 14,
  unauthenticated: 16,
} as const;

type RpcCode = keyof typeof CODES;

const BY_STATUS: Readonly<Record<number, RpcCode>> = {
  400: 'invalid_argument',
  401: 'unauthenticated',
  403: 'permission_denied',
  // No procedure is there, and not what one of them was asked for.
  404: 'unimplemented',
  405: 'unimplemented',
  408: 'deadline_exceeded',
  409: 'aborted',
  413: 'resource_exhausted',
  415: 'unimplemented',
  429: 'resource_exhausted',
  431: 'resource_exhausted',
  500: 'internal',
  501: 'unimplemented',
  502: 'unavailable',
  503: 'unavailable',
  504: 'deadline_exceeded',
};

/** What a second call would not help. */
const BY_CODE: Partial<Record<Code, RpcCode>> = {
  'handler-threw': 'unknown',
  'response-invalid': 'internal',
  'response-too-large': 'resource_exhausted',
  'memory-exceeded': 'resource_exhausted',
  'cpu-exceeded': 'resource_exhausted',
  'subrequests-exceeded': 'resource_exhausted',
};

/** The protocol that a request speaks; null where it is none of these, and problem details are for it. */
export function rpcForm({ method, url, header }: RpcRequest): RpcForm | null {
  if (method === 'GET') return /[?&]connect=v1(&|#|$)/.test(url) ? { protocol: 'connect', type: 'application/json' } : null;
  if (method !== 'POST') return null;
  const type = header('content-type') ?? '';
  const [name = ''] = type.toLowerCase().split(';', 1);
  if (!name.startsWith('application/')) return null;
  const kind = name.slice('application/'.length).trim();
  if (/^grpc-web-text(\+|$)/.test(kind)) return { protocol: 'grpc-web-text', type };
  if (/^grpc-web(\+|$)/.test(kind)) return { protocol: 'grpc-web', type };
  if (kind.startsWith('connect+')) return { protocol: 'connect-stream', type };
  if (kind === 'proto' || (kind === 'json' && header('connect-protocol-version') !== null))
    return { protocol: 'connect', type: 'application/json' };
  return null;
}

/** An error as that protocol has it; its header lines stay. */
export function rpcError(
  error: BrinkError,
  { protocol, type }: RpcForm,
  { headers, status }: Pick<Response, 'headers' | 'status'>,
): Response {
  const out = new Headers(headers);
  out.set('content-type', type);
  out.delete('content-length');
  const code = codeOf(error);
  if (protocol === 'connect') return new Response(JSON.stringify(connectError(error, code)), { status, headers: out });
  const body =
    protocol === 'connect-stream'
      ? frame(END_STREAM, JSON.stringify({ error: connectError(error, code) }))
      : frame(TRAILERS, trailersOf(error, code));
  return new Response(protocol === 'grpc-web-text' ? base64(body) : body, { status: 200, headers: out });
}

/** What messages and trailers of these protocols stand in: a flag, a length, and that many bytes. */
export function isFramed(type: string): boolean {
  return type.startsWith('application/grpc') || type.startsWith('application/connect+');
}

function codeOf({ code, status }: BrinkError): RpcCode {
  return BY_CODE[code] ?? BY_STATUS[status] ?? 'unknown';
}

/** https://connectrpc.com/docs/protocol/#error-end-stream */
function connectError({ code, message }: BrinkError, rpc: RpcCode): object {
  const value = base64(errorInfo(code)).replace(/=+$/, '');
  return { code: rpc, message, details: [{ type: INFO, value, debug: { reason: reasonOf(code), domain: DOMAIN } }] };
}

/** https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-WEB.md */
function trailersOf({ code, message }: BrinkError, rpc: RpcCode): string {
  const number = CODES[rpc];
  // google.rpc.Status: code, message, details.
  const any = [...field(1, utf8.encode(`type.googleapis.com/${INFO}`)), ...field(2, errorInfo(code))];
  const status = Uint8Array.from([0x08, number, ...field(2, utf8.encode(message)), ...field(3, Uint8Array.from(any))]);
  return `grpc-status: ${number}\r\ngrpc-message: ${escaped(message)}\r\ngrpc-status-details-bin: ${base64(status).replace(/=+$/, '')}\r\n`;
}

/** https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md, "Status-Message": all but printable ASCII, and "%". */
function escaped(message: string): string {
  const hex = (byte: number) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  return Array.from(utf8.encode(message), (byte) =>
    byte < 0x20 || byte > 0x7e || byte === 0x25 ? hex(byte) : String.fromCharCode(byte),
  ).join('');
}

const INFO = 'google.rpc.ErrorInfo';
const DOMAIN = 'brink';
/** Flags of a frame. */
const END_STREAM = 0x02;
const TRAILERS = 0x80;
const utf8 = new TextEncoder();

/** https://github.com/googleapis/googleapis/blob/master/google/rpc/error_details.proto: reason, domain. */
function errorInfo(code: Code): Uint8Array {
  return Uint8Array.from([...field(1, utf8.encode(reasonOf(code))), ...field(2, utf8.encode(DOMAIN))]);
}

function reasonOf(code: Code): string {
  return code.toUpperCase().replaceAll('-', '_');
}

/** Of a length, in protobuf. https://protobuf.dev/programming-guides/encoding/ */
function field(number: number, bytes: Uint8Array): number[] {
  const head = [(number << 3) | 2];
  let length = bytes.byteLength;
  for (; length > 0x7f; length >>>= 7) head.push((length & 0x7f) | 0x80);
  return [...head, length, ...bytes];
}

function frame(flag: number, text: string): Uint8Array<ArrayBuffer> {
  const bytes = utf8.encode(text);
  const out = new Uint8Array(5 + bytes.byteLength);
  out[0] = flag;
  new DataView(out.buffer).setUint32(1, bytes.byteLength);
  out.set(bytes, 5);
  return out;
}

function base64(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
}
