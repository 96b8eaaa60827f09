import { createPrivateKey, generateKeyPairSync, randomBytes, sign, X509Certificate, type KeyObject } from 'node:crypto';
import { isIP } from 'node:net';

export interface CertificateOptions {
  /** The subject's common name. */
  readonly name?: string;
  /** Names and addresses that it is of. */
  readonly of?: readonly string[];
  /** Days from now on. */
  readonly days?: number;
  /** Who signs it; itself without it. */
  readonly by?: Made;
}

/** PEM. */
export interface Made {
  readonly name: string;
  readonly cert: string;
  readonly key: string;
}

const DAY = 24 * 3_600_000;
/** `ecdsa-with-SHA256` (RFC 5758), `commonName`, `subjectAltName`, `basicConstraints` (RFC 5280). */
const [ECDSA, NAME, ALT_NAME, BASIC] = ['2a8648ce3d040302', '550403', '551d11', '551d13'].map((hex) => der(0x06, Buffer.from(hex, 'hex')));

/** An X.509 certificate of version 3 with a fresh EC key, as Node has no maker of such. */
export function makeCertificate({ name = 'localhost', of = ['localhost', '127.0.0.1'], days = 90, by }: CertificateOptions = {}): Made {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const issuer = by ?? { name, key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string };
  const from = Math.min(Date.now() - DAY, Date.now() + (days - 1) * DAY);
  const algorithm = der(0x30, ECDSA!);
  const isCa = der(0x30, BASIC!, der(0x04, der(0x30, der(0x01, Buffer.from([0xff])))));
  const body = der(
    0x30,
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.concat([Buffer.from([0x40]), randomBytes(8)])),
    algorithm,
    nameOf(issuer.name),
    der(0x30, timeOf(from), timeOf(Date.now() + days * DAY)),
    nameOf(name),
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, der(0x30, der(0x30, ALT_NAME!, der(0x04, der(0x30, ...of.map(altName)))), ...(by ? [] : [isCa]))),
  );
  const signature = sign('sha256', body, createPrivateKey(issuer.key));
  const whole = der(0x30, body, algorithm, der(0x03, Buffer.from([0]), signature));
  return { name, cert: new X509Certificate(whole).toString(), key: pem(privateKey) };
}

function pem(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }) as string;
}

function nameOf(name: string): Buffer {
  return der(0x30, der(0x31, der(0x30, NAME!, der(0x0c, Buffer.from(name)))));
}

function altName(name: string): Buffer {
  if (isIP(name) === 4) return der(0x87, Buffer.from(name.split('.').map(Number)));
  return der(0x82, Buffer.from(name));
}

/** GeneralizedTime: any year has four digits. */
function timeOf(time: number): Buffer {
  return der(0x18, Buffer.from(`${new Date(time).toISOString().slice(0, 19).replace(/[-:T]/g, '')}Z`));
}

/** Tag, length, value. ITU-T X.690, section 8.1. */
function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const value = Buffer.concat(parts);
  const { length } = value;
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), value]);
}
