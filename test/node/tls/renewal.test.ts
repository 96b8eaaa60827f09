import { once } from 'node:events';
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect, type TLSSocket } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import type { NoticeEvent } from '../../../host/observe/events.ts';
import { eventually } from '../../conformance/harness.ts';
import { temporaryFolder } from '../../cli/brink.ts';
import { makeCertificate } from '../../certificate.ts';
import { openSecure, writePair, type PairFiles, type SecureHost } from './open.ts';

const hosts: SecureHost[] = [];
afterEach(async () => {
  for (const host of hosts.splice(0)) await host.stop();
});

async function open(every = 10_000, pair = writePair()): Promise<SecureHost> {
  const host = await openSecure({ tls: { ...pair.files, every } }, pair);
  hosts.push(host);
  return host;
}

/** Whose certificate a new connection gets. */
async function shown(host: SecureHost): Promise<string> {
  const socket = await shake(host);
  const { subject } = socket.getPeerCertificate();
  socket.destroy();
  return String(subject.CN);
}

async function shake({ url }: SecureHost): Promise<TLSSocket> {
  const socket = connect({ host: '127.0.0.1', port: Number(new URL(url).port), rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  return socket;
}

function said(host: SecureHost): [NoticeEvent['level'], string][] {
  return host.events.filter((event) => event.type === 'host').map(({ level, message }) => [level, message]);
}

describe('the certificate of a host that runs', () => {
  it('is another for new connections when its files have changed, and those that are open go on', async () => {
    const host = await open(20);
    const before = await shake(host);
    expect(await shown(host)).toBe('localhost');
    host.pair.write(makeCertificate({ name: 'next', of: ['next.example', '10.0.0.1'] }));
    await eventually(async () => ((await shown(host)) === 'next' ? true : undefined));
    expect(host.tls.certificate().names).toEqual(['next.example', '10.0.0.1']);
    expect(said(host)).toEqual([
      ['info', expect.stringMatching(/^New connections get another certificate: next\.example, 10\.0\.0\.1, until 20/)],
    ]);
    before.write('GET /_brink/health HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n');
    expect((await before.setEncoding('latin1').toArray()).join('')).toContain('"status":"ok"');
  });

  it('is found where a link on the way to it changes, as Kubernetes has it', async () => {
    const folder = temporaryFolder();
    const into = (name: string) => {
      mkdirSync(join(folder.path, name));
      const made = makeCertificate({ name });
      writeFileSync(join(folder.path, name, 'tls.crt'), made.cert);
      writeFileSync(join(folder.path, name, 'tls.key'), made.key);
      symlinkSync(name, join(folder.path, 'fresh'));
      renameSync(join(folder.path, 'fresh'), join(folder.path, 'data'));
      return made;
    };
    const made = into('first');
    const files = { cert: join(folder.path, 'data', 'tls.crt'), key: join(folder.path, 'data', 'tls.key') };
    const host = await openSecure({ tls: { ...files, every: 20 } }, { files, made, write: () => {}, remove: folder.remove });
    hosts.push(host);
    expect(await shown(host)).toBe('first');
    into('second');
    await eventually(async () => ((await shown(host)) === 'second' ? true : undefined));
  });

  it('stays in use while its key is missing, is another’s or is none, which is said once each', async () => {
    const host = await open(20);
    const { cert, key } = makeCertificate({ name: 'next' });
    host.pair.write({ cert });
    await eventually(() => said(host).find(([, message]) => message.includes('is not that of its first certificate')));
    rmSync(host.pair.files.key);
    await eventually(() => said(host).find(([, message]) => message.includes('cannot be read (ENOENT)')));
    host.pair.write({ key: 'no key' });
    await eventually(() => said(host)[2]);
    const asked = said(host).length;
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(said(host)).toHaveLength(asked);
    for (const [level, message] of said(host)) {
      expect([level, message]).toEqual([
        'error',
        expect.stringMatching(/The certificate before stays in use: localhost, 127\.0\.0\.1, until /),
      ]);
    }
    expect(await shown(host)).toBe('localhost');
    host.pair.write({ key });
    await eventually(async () => ((await shown(host)) === 'next' ? true : undefined));
  });

  it('is read again at once where someone asks for it', async () => {
    const host = await open();
    await host.tls.reread();
    expect(said(host).at(-1)).toEqual(['info', expect.stringContaining('has not changed: localhost')]);
    host.pair.write({ cert: makeCertificate().cert });
    await host.tls.reread();
    expect(said(host).at(-1)).toEqual(['error', expect.stringContaining('stays in use')]);
    host.pair.write(makeCertificate({ name: 'asked-for' }));
    await host.tls.reread();
    expect(await shown(host)).toBe('asked-for');
  });

  it.each([
    [13, 'The certificate ends in 12 days: localhost, 127.0.0.1, until '],
    [-1, 'The certificate has ended: localhost, 127.0.0.1, until '],
  ])('that lasts for %d days is told of in the log', async (days, begin) => {
    const host = await open(undefined, writePair({ days }));
    expect(said(host)).toEqual([['warn', expect.stringContaining(begin)]]);
    host.pair.write(makeCertificate({ days: 15 }));
    await host.tls.reread();
    expect(said(host).map(([level]) => level)).toEqual(['warn', 'info']);
  });
});

describe('a host does not start with', () => {
  const other = makeCertificate();
  it.each<[string, (pair: PairFiles) => void, RegExp]>([
    [
      'a certificate that is not there',
      ({ files }) => rmSync(files.cert),
      /with .+cert\.pem: the certificate cannot be read \(ENOENT\)\. Give the path/,
    ],
    ['a key that is not there', ({ files }) => rmSync(files.key), /with .+key\.pem: the key cannot be read \(ENOENT\)/],
    [
      'a certificate that is none',
      (pair) => pair.write({ cert: 'hello' }),
      /with .+cert\.pem: no certificate can be read in it\. It has to be PEM, which begins with -----BEGIN CERT/,
    ],
    [
      'a key that is none',
      (pair) => pair.write({ key: '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----' }),
      /with .+key\.pem: no key can be read in it\. It has to be PEM without a password/,
    ],
    [
      'a key that is another’s',
      (pair) => pair.write({ key: other.key }),
      /the key in .+key\.pem is not that of its first certificate\. Give the two/,
    ],
  ])('%s, and says why', async (_what, spoil, message) => {
    const pair = writePair();
    spoil(pair);
    await expect(openSecure({}, pair)).rejects.toMatchObject({ code: 'certificate-invalid', message: expect.stringMatching(message) });
    pair.remove();
  });
});
