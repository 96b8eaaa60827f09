import { mkdirSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Finding } from '../../host/platforms/node/doctor.ts';
import { openSql } from '../../host/platforms/node/sql.ts';
import { makeCertificate } from '../certificate.ts';
import { brink, temporaryFolder } from '../cli/brink.ts';
import { writePair } from '../node/tls/open.ts';
import { onNats } from './on-nats.ts';
import { natsVersion, startNatsServer, type NatsServer } from './server.ts';
import { openOn } from './state.ts';

const folder = temporaryFolder();
afterAll(() => folder.remove());

async function doctor(...args: string[]): Promise<{ code: number | null; found: Record<string, Finding>; stderr: string }> {
  const { code, stdout, stderr } = await brink(['doctor', '--json', ...args], { cwd: folder.path });
  const lines = stdout.split('\n').slice(0, -1);
  return { code, stderr, found: Object.fromEntries(lines.map((line) => JSON.parse(line) as Finding).map((each) => [each.check, each])) };
}

describe('brink doctor', () => {
  it('says what is well, in lines for people', async () => {
    const { code, stdout } = await brink(['doctor', '--port', '0'], { cwd: folder.path });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^ok {4}node: Node 2\d/m);
    expect(stdout).toMatch(/^ok {4}state directory: \.brink is not there yet, and can be made$/m);
    expect(stdout).toMatch(/^ok {4}port: 127\.0\.0\.1:0 is free$/m);
  });

  it('says which port is taken, and that a state is in use', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const state = join(folder.path, 'used');
    mkdirSync(state);
    const sql = openSql(join(state, 'state.sqlite'));
    const { code, found } = await doctor('--port', String(port), '--state', state);
    expect([code, found['port']!.status, found['state']!.message]).toEqual([0, 'warn', expect.stringMatching(/is in use by a host$/)]);
    sql.close();
    server.close();
    expect((await doctor('--port', '0', '--state', state)).found['state']!.message).toMatch(/opens; a power cut loses nothing/);
  });

  it('looks at a certificate and its key', async () => {
    const pair = writePair();
    const flags = ['--port', '0', '--tls-cert', pair.files.cert, '--tls-key', pair.files.key];
    expect((await doctor(...flags)).found['certificate']).toEqual({
      check: 'certificate',
      status: 'ok',
      message: expect.stringMatching(/cert\.pem is of localhost, 127\.0\.0\.1, until 20\d\d-[-0-9T:.]+Z$/) as string,
    });
    pair.write(makeCertificate({ days: 3 }));
    expect((await doctor(...flags)).found['certificate']).toMatchObject({
      status: 'warn',
      message: expect.stringMatching(/, and ends in [23] days$/) as string,
      way: 'Renew it; a host reads the files again by itself.',
    });
    pair.write(makeCertificate({ days: -1 }));
    const ended = await doctor(...flags);
    expect([ended.code, ended.found['certificate']]).toMatchObject([
      1,
      { status: 'fail', message: expect.stringMatching(/, and has ended$/) as string },
    ]);
    pair.write({ key: makeCertificate().key });
    expect((await doctor(...flags)).found['certificate']).toMatchObject({
      status: 'fail',
      message: expect.stringMatching(/the key in .+key\.pem is not that of its first certificate/) as string,
    });
    pair.remove();
  });

  it('fails where no host can run, with the way out', async () => {
    const { code, found, stderr } = await doctor('--port', '0', '--hostname', '192.0.2.1', '--nats', 'nats://ada:s3cret@127.0.0.1:1');
    expect(code).toBe(1);
    expect(found['port']).toMatchObject({ status: 'fail', way: 'Choose another with --port or --hostname.' });
    expect(found['nats']).toMatchObject({
      status: 'fail',
      message: expect.stringMatching(/nats:\/\/127\.0\.0\.1:1 .+ Start a server/) as string,
    });
    expect(stderr).toMatch(/2 of 4 checks failed/);
    expect(JSON.stringify(found)).not.toMatch(/s3cret/);
  });
});

onNats('brink doctor --nats', () => {
  let server: NatsServer;
  beforeAll(async () => (server = await startNatsServer()));
  afterAll(() => server.stop());

  it('names the version, the buckets, and what a power cut may lose', async () => {
    const first = await doctor('--port', '0', '--nats', server.url);
    expect([first.code, first.found['nats version']!.message]).toEqual([0, expect.stringContaining(natsVersion!)]);
    expect(first.found['buckets']!.message).toBe('brink_state, brink_parts and brink_objects are not there yet; the first host makes them');
    expect(first.found['replicas']).toMatchObject({ status: 'warn', way: expect.stringContaining('--nats-replicas 3') as string });
    expect(first.found['sync']).toMatchObject({ status: 'warn', way: expect.stringContaining('sync_interval: always') as string });
    await (await openOn(server.url, { prefix: 'mine' })).close();
    const second = await doctor('--port', '0', '--nats', server.url, '--nats-prefix', 'mine');
    expect(second.found['buckets']!.message).toBe('mine_state, mine_parts and mine_objects are there');
  });

  it('fails where there is no JetStream', async () => {
    const bare = await startNatsServer({ jetstream: false });
    const { code, found } = await doctor('--port', '0', '--nats', bare.url);
    expect([code, found['nats']!.status, found['jetstream']!.status]).toEqual([1, 'ok', 'fail']);
    await bare.stop();
  });
});
