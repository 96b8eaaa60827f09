import { parseDictionary, serializeInnerList, serializeItem, type BareItem, type Dictionary, type InnerList } from 'structured-headers';
import type { LoadedVersion } from '../../dispatch/cell.ts';
import type { SignatureScheme } from '../../registry/gateway/auth.ts';
import type { GatewayCall } from '../call.ts';
import { readBody } from '../read-body.ts';
import type { GatewayTools } from '../rules.ts';
import { digestFault } from './content-digest.ts';
import { invalid, type Scheme } from './scheme.ts';
import { linesOf } from './secret-lines.ts';
import { BrinkError } from '../../errors.ts';

/** Bytes of a body, which has to be read whole before anyone can say that it is the one that was signed. */
const MAX_BODY = 2 ** 20;
/** Signatures of one request that are looked at. */
const MAX_SIGNATURES = 4;
/** Seconds that the sender's clock may be ahead. */
const AHEAD = 30;

const utf8 = new TextEncoder();

interface Signature {
  readonly keyid: string;
  /** Seconds since the epoch. */
  readonly created: number;
  readonly expires: number | null;
  readonly nonce: string | null;
  readonly input: InnerList;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** HTTP message signatures with `hmac-sha256`. RFC 9421, sections 3.2 and 3.3.3. */
export function signatureScheme(
  rule: SignatureScheme,
  version: LoadedVersion,
  { now, nonces }: Pick<GatewayTools, 'now' | 'nonces'>,
): Scheme {
  const keys = linesOf(version, rule.keys);

  return {
    challenge: null,
    async check(call) {
      const [inputs, values] = [call.header('signature-input'), call.header('signature')];
      if (inputs === null || values === null) return null;
      const known = await keys();
      const candidates = signaturesIn(inputs, values).slice(0, MAX_SIGNATURES);
      for (const signature of candidates) {
        const fault = formFault(signature, rule, now()) ?? coverFault(call, signature, rule);
        if (fault !== null) throw invalid(fault);
        if (!(await isRight(call, signature, known.get(signature.keyid) ?? []))) continue;
        await checkBody(call);
        if (rule.nonce) await once(signature);
        return { scheme: 'signature', id: signature.keyid, scopes: [], claims: {} };
      }
      throw invalid('the signature is none of a key that is known');
    },
  };

  async function once({ keyid, nonce, created }: Signature): Promise<void> {
    const left = created + rule.window + AHEAD - now() / 1000;
    if (nonce === null || !(await nonces.take(version.function, `${keyid} ${nonce}`, Math.max(left, 1) * 1000)))
      throw invalid(nonce === null ? 'the signature has no nonce' : 'the nonce has been used');
  }
}

function signaturesIn(inputs: string, values: string): Signature[] {
  let parsed: readonly [Dictionary, Dictionary];
  try {
    parsed = [parseDictionary(inputs), parseDictionary(values)];
  } catch {
    throw invalid('Signature-Input or Signature is no dictionary of RFC 9651');
  }
  const found: Signature[] = [];
  for (const [label, member] of parsed[0]) {
    const value = parsed[1].get(label)?.[0];
    if (!Array.isArray(member[0]) || !(value instanceof ArrayBuffer)) continue;
    const input = member as InnerList;
    const parameters = input[1];
    const [keyid, created, expires = null, nonce = null, algorithm = 'hmac-sha256'] = ['keyid', 'created', 'expires', 'nonce', 'alg'].map(
      (name) => parameters.get(name),
    );
    if (typeof keyid !== 'string' || typeof created !== 'number' || algorithm !== 'hmac-sha256') continue;
    if ((expires !== null && typeof expires !== 'number') || (nonce !== null && typeof nonce !== 'string')) continue;
    found.push({ keyid, created, expires, nonce, input, bytes: new Uint8Array(value) });
  }
  if (found.length === 0) throw invalid('Signature-Input has none with keyid, created and the algorithm hmac-sha256');
  return found;
}

function formFault({ created, expires }: Signature, { window }: SignatureScheme, time: number): string | null {
  const age = time / 1000 - created;
  if (age < -AHEAD) return 'the signature was made in the future';
  if (age > window) return `the signature is older than ${window} s`;
  return expires !== null && time / 1000 > expires ? 'the signature has expired' : null;
}

/** What has to be signed is. Names with parameters are others: with `req` they are even about another message. */
function coverFault(call: GatewayCall, { input }: Signature, { components }: SignatureScheme): string | null {
  const plain = new Set(input[0].filter(([, parameters]) => parameters.size === 0).map(([name]) => name));
  if (plain.size < input[0].length) return 'the signature covers a component with parameters, or one twice';
  const wanted = hasBody(call) ? [...components, 'content-digest'] : components;
  const missing = wanted.find((name) => !plain.has(name));
  return missing === undefined ? null : `the signature does not cover ${missing}`;
}

function hasBody({ arrival }: GatewayCall): boolean {
  return arrival.request.body !== null;
}

async function isRight(call: GatewayCall, { input, bytes }: Signature, keys: readonly string[]): Promise<boolean> {
  const base = utf8.encode(baseOf(call, input));
  for (const key of keys) {
    const imported = await crypto.subtle.importKey('raw', bytesOf(key), { name: 'HMAC', hash: 'SHA-256' }, false, ['verify']);
    if (await crypto.subtle.verify('HMAC', imported, bytes, base)) return true;
  }
  return false;
}

/** A key that is no text is written in base64. */
function bytesOf(key: string): Uint8Array<ArrayBuffer> {
  if (!key.startsWith('base64:')) return utf8.encode(key);
  return Uint8Array.from(atob(key.slice('base64:'.length)), (character) => character.charCodeAt(0));
}

/** RFC 9421, section 2.5. */
function baseOf(call: GatewayCall, input: InnerList): string {
  const lines = input[0].map((item) => `${serializeItem(item)}: ${componentOf(call, item[0])}`);
  return [...lines, `"@signature-params": ${serializeInnerList(input)}`].join('\n');
}

/** RFC 9421, sections 2.1 and 2.2, of the request as the client sent it. */
function componentOf(call: GatewayCall, name: BareItem): string {
  const url = new URL(call.arrival.request.url);
  switch (name) {
    case '@method':
      return call.method;
    case '@target-uri':
      return url.href;
    case '@authority':
      return url.host;
    case '@scheme':
      return url.protocol.slice(0, -1);
    case '@request-target':
      return url.pathname + url.search;
    case '@path':
      return url.pathname;
    case '@query':
      return url.search === '' ? '?' : url.search;
    default: {
      const value = typeof name === 'string' && !name.startsWith('@') ? call.header(name) : null;
      if (value === null) throw invalid(`the signature covers ${JSON.stringify(name)}, which is not there`);
      return value.trim();
    }
  }
}

/** What is signed is the digest: whether the body has it is another matter. */
async function checkBody(call: GatewayCall): Promise<void> {
  if (!hasBody(call)) return;
  const { bytes, rest } = await readBody(call.arrival.request.body, MAX_BODY);
  if (rest !== null) {
    await rest.cancel();
    throw new BrinkError('request-too-large', 'The body of a request with a signature has at most 1 MiB; this one has more.', {
      details: { limit: MAX_BODY },
    });
  }
  const fault = await digestFault(call.header('content-digest') ?? '', bytes);
  if (fault !== null) throw invalid(fault);
  call.replaceBody(bytes);
}
