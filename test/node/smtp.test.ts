import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTransport } from 'nodemailer';
import { describe, expect, it, onTestFinished } from 'vitest';
import { eventually, publish } from '../conformance/harness.ts';
import { openNode } from '../conformance/harness-node.ts';
import { speakSmtp } from '../conformance/smtp-client.ts';
import { leaveOut } from '../left-out.ts';
import { openSecure } from './tls/open.ts';
import { removeFolder } from '../remove-folder.ts';

const LISTEN = { hostname: '127.0.0.1', port: 0 };
const SLOW = `export default {
  async email() {
    console.log('begun');
    await new Promise((resolve) => setTimeout(resolve, 400));
  },
};`;

describe('a host that takes mail', () => {
  it('finishes what a function has when it stops, says so, and takes no more', async () => {
    const host = await openNode({ smtp: LISTEN });
    await publish(host, SLOW, { manifest: { email: { addresses: ['slow@example.com'] } } });
    const head = ['HELO client', 'MAIL FROM:<ada@example.org>', 'RCPT TO:<slow@example.com>', 'DATA'];
    const sent = speakSmtp(host.smtpUrl!, [...head, 'Subject: x\r\n\r\n.']);
    await eventually(() => host.events.find((each) => each.type === 'console'));
    await Promise.all([host.stop(), sent]);
    expect((await sent).at(-1)).toMatch(/^250 /);
    await expect(speakSmtp(host.smtpUrl!, ['HELO client'])).rejects.toThrow('ECONNREFUSED');
  });

  it('says where it could not listen', async () => {
    const host = await openNode({ smtp: LISTEN });
    onTestFinished(host.stop);
    const port = Number(new URL(host.smtpUrl!).port);
    await expect(openNode({ smtp: { ...LISTEN, port } })).rejects.toMatchObject({
      code: 'port-in-use',
      message: expect.stringContaining('--smtp-port'),
    });
  });

  it('hands mail on where the host speaks TLS', async () => {
    const host = await openSecure({ smtp: LISTEN });
    onTestFinished(host.stop);
    await publish(host, SLOW, { manifest: { email: { addresses: ['slow@example.com'] } } });
    const head = ['HELO client', 'MAIL FROM:<ada@example.org>', 'RCPT TO:<slow@example.com>', 'DATA'];
    expect((await speakSmtp(host.smtpUrl!, [...head, 'Subject: x\r\n\r\n.'])).at(-1)).toMatch(/^250 /);
  });

  it('speaks TLS where it has a certificate', async (context) => {
    if (!hasOpenssl()) leaveOut(context, 'openssl, which makes the certificate, is not in the path');
    const dir = mkdtempSync(join(tmpdir(), 'brink-smtp-'));
    onTestFinished(() => removeFolder(dir));
    const [cert, key] = [join(dir, 'cert.pem'), join(dir, 'key.pem')];
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
    execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', '-keyout', key, '-out', cert, ...subject], {
      stdio: 'ignore',
    });
    const tls = { cert: readFileSync(cert, 'utf8'), key: readFileSync(key, 'utf8') };
    const host = await openNode({ smtp: { ...LISTEN, tls } });
    onTestFinished(host.stop);
    await publish(host, 'export default { email: () => {} }', { manifest: { email: { addresses: ['tls@example.com'] } } });
    const { port } = new URL(host.smtpUrl!);
    const transport = createTransport({
      host: '127.0.0.1',
      port: Number(port),
      requireTLS: true,
      tls: { ca: tls.cert, servername: 'localhost' },
    });
    onTestFinished(() => transport.close());
    const sent = await transport.sendMail({ from: 'ada@example.org', to: 'tls@example.com', text: 'Hi' });
    expect(sent.response).toMatch(/^250 /);
  });
});

function hasOpenssl(): boolean {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
