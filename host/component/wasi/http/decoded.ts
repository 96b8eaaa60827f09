/** What `fetch` takes off a body by itself, on every platform. */
const TAKEN_OFF = /^\s*(?:gzip|x-gzip|br)(?:\s*,\s*(?:gzip|x-gzip|br))*\s*$/i;

/** The headers of a response as they are true of its body: `fetch` decodes that, and leaves what they say of the encoded one. */
export function decodedHeaders({ headers, body }: Response): Headers {
  const coding = body === null ? null : headers.get('content-encoding');
  if (coding === null || !TAKEN_OFF.test(coding)) return headers;
  const without = new Headers(headers);
  without.delete('content-encoding');
  without.delete('content-length');
  return without;
}
