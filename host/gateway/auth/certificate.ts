import { hex, sha256 } from '../../bytes.ts';
import type { CertificateScheme } from '../../registry/gateway/auth.ts';
import { addressTest } from '../address.ts';
import { invalid, type Scheme } from './scheme.ts';

/** The name in a certificate that a proxy has checked, or, without proxies, the host itself. */
export function certificateScheme({ header, proxies, allow }: CertificateScheme): Scheme {
  const believed = proxies === undefined ? () => false : addressTest(proxies);
  return {
    challenge: null,
    async check(call) {
      const value = call.header(header);
      const fromProxy = value !== null && believed(call.address);
      // The function may believe it too.
      if (value !== null && !fromProxy) call.setHeader(header, null);
      const shown = proxies === undefined ? call.certificate : null;
      if (!fromProxy && shown === null) return null;
      const id = shown === null ? await nameIn(header, value!) : shown.uri || shown.subject || shown.fingerprint;
      if (id === null) throw invalid(`${header} names nobody`);
      if (allow !== undefined && !allow.some((name) => (name.endsWith('*') ? id.startsWith(name.slice(0, -1)) : id === name)))
        throw invalid('the certificate is of nobody who may call');
      return { scheme: 'certificate', id, scopes: [], claims: {} };
    },
  };
}

async function nameIn(header: string, value: string): Promise<string | null> {
  if (header === 'x-forwarded-client-cert') return nameInForwarded(value);
  if (header === 'client-cert') return fingerprintOf(value);
  return value.trim() || null;
}

/**
 * Envoy's: elements of `Key=value` with `;` between, one for each proxy, the nearest one last; values that have one of these
 * are quoted. https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_conn_man/headers#x-forwarded-client-cert
 */
function nameInForwarded(value: string): string | null {
  const pairs = new Map<string, string>();
  const pattern = /\s*([A-Za-z]+)=("(?:[^"\\]|\\.)*"|[^;,"]*)(;|,|$)/y;
  for (let found = pattern.exec(value); found !== null && found[0] !== ''; found = pattern.exec(value)) {
    const [, key, text, end] = found;
    const plain = text!.startsWith('"') ? text!.slice(1, -1).replace(/\\(.)/g, '$1') : text!;
    if (!pairs.has(key!.toLowerCase())) pairs.set(key!.toLowerCase(), plain);
    if (pattern.lastIndex >= value.length) return pairs.get('uri') || pairs.get('subject') || pairs.get('hash') || null;
    if (end === ',') pairs.clear();
  }
  return null;
}

/** RFC 9440: the certificate itself, as bytes. Who has it is known by its SHA-256. */
async function fingerprintOf(value: string): Promise<string | null> {
  const encoded = /^:([A-Za-z0-9+/=]+):$/.exec(value.trim())?.[1];
  if (encoded === undefined) return null;
  try {
    const bytes = Uint8Array.from(atob(encoded), (character) => character.charCodeAt(0));
    return hex(await sha256(bytes));
  } catch {
    return null;
  }
}
