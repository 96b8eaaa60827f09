/** `error-code` of wasi:http. */
export interface ErrorCode {
  readonly tag: string;
  readonly val?: unknown;
}

const REFUSED: ErrorCode = { tag: 'connection-refused' };
const TERMINATED: ErrorCode = { tag: 'connection-terminated' };
const CONNECT_TIMEOUT: ErrorCode = { tag: 'connection-timeout' };
const UNAVAILABLE: ErrorCode = { tag: 'destination-unavailable' };
const UNROUTABLE: ErrorCode = { tag: 'destination-IP-unroutable' };
const UNKNOWN_NAME: ErrorCode = { tag: 'DNS-error', val: { rcode: 'NXDOMAIN', 'info-code': undefined } };
const DNS_FAILED: ErrorCode = { tag: 'DNS-error', val: { rcode: undefined, 'info-code': undefined } };
const TLS: ErrorCode = { tag: 'TLS-protocol-error' };
const CERTIFICATE: ErrorCode = { tag: 'TLS-certificate-error' };
const PROTOCOL: ErrorCode = { tag: 'HTTP-protocol-error' };
const DENIED: ErrorCode = { tag: 'HTTP-request-denied' };
const PROHIBITED: ErrorCode = { tag: 'destination-IP-prohibited' };

/** By the codes that the errors of Node and undici carry. */
const BY_CODE: ReadonlyMap<string, ErrorCode> = new Map([
  ['ECONNREFUSED', REFUSED],
  ['ECONNRESET', TERMINATED],
  ['ECONNABORTED', TERMINATED],
  ['EPIPE', TERMINATED],
  ['UND_ERR_SOCKET', TERMINATED],
  ['UND_ERR_CLOSED', TERMINATED],
  ['ETIMEDOUT', CONNECT_TIMEOUT],
  ['UND_ERR_CONNECT_TIMEOUT', CONNECT_TIMEOUT],
  ['UND_ERR_HEADERS_TIMEOUT', { tag: 'HTTP-response-timeout' }],
  ['UND_ERR_BODY_TIMEOUT', { tag: 'connection-read-timeout' }],
  ['EHOSTUNREACH', UNAVAILABLE],
  ['EHOSTDOWN', UNAVAILABLE],
  ['ENETUNREACH', UNROUTABLE],
  ['EADDRNOTAVAIL', UNROUTABLE],
  ['ENOTFOUND', UNKNOWN_NAME],
  ['EAI_AGAIN', { tag: 'DNS-timeout' }],
  ['EAI_FAIL', DNS_FAILED],
  ['EAI_NODATA', DNS_FAILED],
  ['EAI_NONAME', UNKNOWN_NAME],
  ['EPROTO', TLS],
  ['UND_ERR_REQ_CONTENT_LENGTH_MISMATCH', { tag: 'HTTP-request-body-size', val: undefined }],
  ['UND_ERR_RES_CONTENT_LENGTH_MISMATCH', { tag: 'HTTP-response-incomplete' }],
  ['UND_ERR_RES_EXCEEDED_MAX_SIZE', { tag: 'HTTP-response-body-size', val: undefined }],
  ['UND_ERR_HEADERS_OVERFLOW', { tag: 'HTTP-response-header-section-size', val: undefined }],
  ['HPE_HEADER_OVERFLOW', { tag: 'HTTP-response-header-section-size', val: undefined }],
  ['ERR_TLS_CERT_ALTNAME_INVALID', CERTIFICATE],
  ['forbidden', DENIED],
]);

const BY_PATTERN: readonly (readonly [RegExp, ErrorCode])[] = [
  [/^(?:CERT_|SELF_SIGNED_|DEPTH_ZERO_|UNABLE_TO_|HOSTNAME_MISMATCH|INVALID_CA)/, CERTIFICATE],
  [/^ERR_(?:TLS|SSL)_/, TLS],
  [/^HPE_/, PROTOCOL],
];

/** An error of a stream or a request that is one of wasi:http. */
export class HttpError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, options?: ErrorOptions) {
    super(describe(code), options);
    this.name = 'HttpError';
    this.code = code;
  }
}

/** For messages: `internal-error (no such table)`. */
export function describe({ tag, val }: ErrorCode): string {
  return typeof val === 'string' || typeof val === 'bigint' || typeof val === 'number' ? `${tag} (${val})` : tag;
}

/** What an error of `fetch`, or of a body, is to a guest. */
export function errorCodeOf(error: unknown): ErrorCode {
  // The innermost message says most: that of `fetch` is always the same.
  let message = String(error);
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth += 1) {
    const found = at instanceof HttpError ? at.code : (byCode((at as { code?: unknown }).code) ?? byName(at.name) ?? byMessage(at.message));
    if (found !== null) return found;
    message = at.message;
  }
  return { tag: 'internal-error', val: message };
}

function byCode(code: unknown): ErrorCode | null {
  if (typeof code !== 'string') return null;
  return BY_CODE.get(code) ?? BY_PATTERN.find(([pattern]) => pattern.test(code))?.[1] ?? null;
}

function byName(name: string): ErrorCode | null {
  if (name === 'TimeoutError') return CONNECT_TIMEOUT;
  return name === 'AbortError' ? TERMINATED : null;
}

/** The errors of workerd have no codes, and what egress rules or `fetch` itself refuse comes as a message only. */
function byMessage(message: string): ErrorCode | null {
  if (/its address is [a-z-]+, and this host's functions/.test(message)) return PROHIBITED;
  if (/capabilities\.outbound/.test(message) || message === 'bad port') return DENIED;
  if (/connection refused/i.test(message)) return REFUSED;
  if (/dns lookup failed/i.test(message)) return DNS_FAILED;
  if (/network connection lost|disconnected/i.test(message)) return TERMINATED;
  if (/\b(?:TLS|SSL)\b.*certificate|certificate.*\b(?:TLS|SSL)\b/i.test(message)) return CERTIFICATE;
  return null;
}
