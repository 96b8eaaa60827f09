import { once } from 'node:events';
import { connect } from 'node:tls';
import { expect, it, onTestFinished } from 'vitest';
import { makeCertificate } from '../certificate.ts';
import { start, temporaryFolder } from '../cli/brink.ts';
import { eventually } from '../conformance/harness.ts';
import { writePair } from '../node/tls/open.ts';
import { onNats } from './on-nats.ts';
import { startNatsServer } from './server.ts';

onNats('brink serve --workers --tls-cert', () => {
  it('speaks TLS in all of them, and SIGHUP gives all of them another certificate', async () => {
    const [folder, pair, server] = [temporaryFolder(), writePair(), await startNatsServer()];
    const host = start(
      ['serve', '--port', '0', '--workers', '2', '--nats', server.url, '--tls-cert', pair.files.cert, '--tls-key', pair.files.key],
      { cwd: folder.path },
    );
    onTestFinished(async () => {
      await host.stop('SIGKILL');
      await server.stop();
      folder.remove();
      pair.remove();
    });
    await host.says(/Listening on https:.+, with 2 workers\n/);
    const port = Number(/Listening on https:\S+:(\d+),/.exec(host.stdout())![1]);
    expect(await shown(port)).toBe('localhost');
    pair.write(makeCertificate({ name: 'renewed' }));
    process.kill(host.pid, 'SIGHUP');
    // One line of each.
    await eventually(() => (host.stdout().match(/New connections get another certificate/g)?.length === 2 ? true : undefined));
    for (let times = 0; times < 10; times++) expect(await shown(port)).toBe('renewed');
    expect(await host.stop()).toBe(0);
  });
});

/** Whose certificate a new connection gets. */
async function shown(port: number): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  const { subject } = socket.getPeerCertificate();
  socket.destroy();
  return String(subject.CN);
}
