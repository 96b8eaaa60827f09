import { attributeFault, bytesOfBase64 } from '../../sdk/cloud-event-attributes.ts';
import { readData } from '../../sdk/cloud-event-http.ts';
import { counted, header, hmacKey, invalid, seconds, textOf, typePart, unsigned, type Scheme, type Signature } from './scheme.ts';

/** https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md */
export const standard: Scheme = {
  claim(delivery) {
    const id = header(delivery, 'webhook-id');
    const timestamp = header(delivery, 'webhook-timestamp');
    const signatures = header(delivery, 'webhook-signature').split(' ').flatMap(signatureOf);
    // A dot in it could move bytes between the parts that are signed.
    if (id.includes('.')) throw unsigned('Its webhook-id has a dot.');
    return { signed: [`${id}.${timestamp}.`, delivery.body], signatures, timestamp: seconds(timestamp, 'webhook-timestamp') };
  },
  async key(secret) {
    // Whose owner publishes a public key signs with Ed25519.
    if (secret.startsWith('whpk_')) {
      const bytes = bytesOfBase64(secret.slice('whpk_'.length));
      if (bytes === null) throw new Error('it is no Base64 after whpk_');
      return { version: 'v1a', key: await crypto.subtle.importKey('raw', bytes, 'Ed25519', false, ['verify']) };
    }
    const bytes = bytesOfBase64(secret.startsWith('whsec_') ? secret.slice('whsec_'.length) : secret);
    if (bytes === null) throw new Error('it is no Base64, after whsec_ or without');
    return hmacKey(bytes, 'v1');
  },
  receive({ headers, body }) {
    const datacontenttype = headers.get('content-type') ?? undefined;
    const data = dataOf(datacontenttype, body);
    const { type, timestamp } = (data !== null && typeof data === 'object' ? data : {}) as { type?: unknown; timestamp?: unknown };
    return {
      id: headers.get('webhook-id'),
      attributes: { type: typePart(type) ?? 'webhook', time: isTime(timestamp) ? timestamp : undefined },
      datacontenttype,
      data,
    };
  },
  accepted: counted,
};

function signatureOf(part: string): Signature[] {
  const comma = part.indexOf(',');
  const bytes = comma === -1 ? null : bytesOfBase64(part.slice(comma + 1));
  return bytes === null ? [] : [{ version: part.slice(0, comma), bytes }];
}

function dataOf(type: string | undefined, body: Uint8Array): unknown {
  try {
    return readData(type ?? 'application/json', body);
  } catch {
    if (type !== undefined) throw invalid('its body is no JSON');
    return body;
  }
}

function isTime(value: unknown): value is string {
  return textOf(value) !== undefined && attributeFault('time', value) === null;
}
