import { createHash, createHmac } from 'node:crypto';

export interface SignOptions {
  readonly url: string;
  readonly method: string;
  readonly body: string | null;
  /** What is sent in its place. */
  readonly sentBody?: string;
  readonly keyid: string;
  readonly key: string;
  readonly nonce?: string | null;
  /** Seconds since the epoch. */
  readonly created?: number;
  readonly expires?: number;
  readonly components?: readonly string[];
}

/** A request with a signature of RFC 9421, written down by hand as the RFC says it, so that nothing of the host is in it. */
export async function signed(options: SignOptions): Promise<{ headers: Record<string, string>; init: RequestInit }> {
  const { url, method, body, sentBody, keyid, key, nonce = null, created = Date.now() / 1000, expires } = options;
  const { host, pathname, search } = new URL(url);
  const digest = body === null ? null : `sha-256=:${createHash('sha256').update(body).digest('base64')}:`;
  const values: Record<string, string> = {
    '@method': method,
    '@authority': host,
    '@path': pathname,
    '@query': search || '?',
    'x-none': 'x',
    ...(digest !== null && { 'content-digest': digest }),
  };
  const usual = ['@method', '@authority', '@path', '@query', ...(digest === null ? [] : ['content-digest'])];
  const covered = options.components ?? usual;
  const parameters =
    `(${covered.map((name) => `"${name}"`).join(' ')});created=${Math.floor(created)};keyid="${keyid}"` +
    (expires === undefined ? '' : `;expires=${Math.floor(expires)}`) +
    (nonce === null ? '' : `;nonce="${nonce}"`);
  const base = [...covered.map((name) => `"${name}": ${values[name]}`), `"@signature-params": ${parameters}`].join('\n');
  const headers = {
    'signature-input': `sig1=${parameters}`,
    signature: `sig1=:${createHmac('sha256', key).update(base).digest('base64')}:`,
    ...(digest !== null && { 'content-digest': digest }),
  };
  return { headers, init: { method, ...(body !== null && { body: sentBody ?? body }) } };
}
