import { concat } from '../bytes.ts';
import { BrinkError } from '../errors.ts';
import { ARTIFACT_MAX_BYTES, tooLarge } from '../registry/artifact.ts';

/**
 * The body of an upload, read no further than an artifact may be long, whatever Content-Length says.
 *
 * @throws {BrinkError} `artifact-too-large`, `bad-request` where it breaks off
 */
export async function readUpload(request: Request): Promise<Uint8Array<ArrayBuffer>> {
  const announced = Number(request.headers.get('content-length') ?? 0);
  if (announced > ARTIFACT_MAX_BYTES) throw tooLarge(announced);
  if (request.body === null) return new Uint8Array(0);
  const chunks: Uint8Array[] = [];
  let size = 0;
  const reader = request.body.getReader();
  for (;;) {
    const { done, value } = await reader.read().catch(brokeOff);
    if (done) return concat(chunks);
    size += value.byteLength;
    if (size > ARTIFACT_MAX_BYTES) {
      await reader.cancel().catch(() => {});
      throw tooLarge(size);
    }
    chunks.push(value);
  }
}

/**
 * The SHA-256 that `Content-Digest` gives, as hex; undefined where it gives none. RFC 9530, section 2;
 * a byte sequence is written `:base64:` (RFC 9651, section 3.3.5).
 *
 * @throws {BrinkError} `bad-request`
 */
export function contentDigest(request: Request): string | undefined {
  const header = request.headers.get('content-digest');
  if (header === null) return undefined;
  const members = header.split(',').map((member) => /^([a-z][a-z0-9_.*-]*)=:([A-Za-z0-9+/]*={0,2}):(?:;.*)?$/.exec(member.trim()));
  if (members.includes(null)) throw badDigest(header);
  const value = members.findLast((member) => member![1] === 'sha-256')?.[2];
  if (value === undefined) return undefined;
  const bytes = decodeBase64(value);
  if (bytes?.length !== 32) throw badDigest(header);
  return Array.from(bytes, (char) => char.charCodeAt(0).toString(16).padStart(2, '0')).join('');
}

function brokeOff(cause: unknown): never {
  throw new BrinkError('bad-request', 'The upload broke off before its end. Send it again.', { cause });
}

function decodeBase64(value: string): string | undefined {
  try {
    return atob(value);
  } catch {
    return undefined;
  }
}

function badDigest(header: string): BrinkError {
  return new BrinkError(
    'bad-request',
    `Content-Digest ${JSON.stringify(header.slice(0, 100))} is not readable. Write it as \`sha-256=:base64 of 32 bytes:\` (RFC 9530).`,
    {
      details: { in: 'header', path: 'content-digest' },
    },
  );
}
