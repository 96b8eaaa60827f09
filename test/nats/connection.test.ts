import { execFileSync, spawnSync } from 'node:child_process';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { writeFileSync } from 'node:fs';
import { jetstreamManager } from '@nats-io/jetstream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BrinkError } from '../../host/errors.ts';
import { connectNats } from '../../host/platforms/node/nats.ts';
import { isAtLeast, REPLICAS_VERSION } from '../../host/stores/nats/setup.ts';
import { brink, temporaryFolder } from '../cli/brink.ts';
import { leaveOut } from '../left-out.ts';
import { serveOn } from './host.ts';
import { operatorMode } from './operator.ts';
import { onNats } from './on-nats.ts';
import { natsVersion, startNatsServer, type NatsServer, type ServerOptions } from './server.ts';
import { openOn } from './state.ts';

const refusal = async (work: Promise<unknown>) => {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(BrinkError);
  expect((error as BrinkError).code).toBe('store-unavailable');
  return (error as BrinkError).message;
};

async function withServer(options: ServerOptions, work: (server: NatsServer) => Promise<void>): Promise<void> {
  const server = await startNatsServer(options);
  try {
    await work(server);
  } finally {
    await server.stop();
  }
}

describe('a host that cannot have its state in NATS says why', () => {
  it('where there is no server', async () => {
    const message = await refusal(openOn('nats://127.0.0.1:1'));
    expect(message).toMatch(/^NATS cannot be reached at nats:\/\/127\.0\.0\.1:1 \(connection refused\)\. Start a server/);
  });

  it('where what answers is too old', async () => {
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.write(`INFO ${JSON.stringify({ server_id: 'x', version: '2.8.4', headers: true, max_payload: 1_048_576 })}\r\n`);
      socket.on('data', (data) => data.includes('PING') && socket.write('PONG\r\n'));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const message = await refusal(openOn(`nats://127.0.0.1:${(server.address() as AddressInfo).port}`));
    expect(message).toMatch(/The NATS server is 2\.8\.4, and 2\.9\.0 is the oldest/);
    server.close();
  });

  it('and shows no password', async () => {
    for (const url of ['nats://ada:s3cret@127.0.0.1:1', 'http://ada:s3cret@127.0.0.1:1', 'nats://s3cret@:1']) {
      expect(await refusal(connectNats({ url }))).not.toMatch(/s3cret/);
    }
  });
});

onNats('a connection to NATS', () => {
  let server: NatsServer;
  beforeAll(async () => (server = await startNatsServer()));
  afterAll(() => server.stop());

  it('is refused where there is no JetStream', () =>
    withServer({ jetstream: false }, async ({ url }) => {
      expect(await refusal(openOn(url))).toMatch(/has no JetStream for this account\. Start it with `nats-server --jetstream/);
    }));

  it('is refused where messages are too small for it', () =>
    withServer({ config: 'max_payload: 32768' }, async ({ url }) => {
      expect(await refusal(openOn(url))).toMatch(/takes messages of 32768 bytes\. Set its `max_payload` to 65536/);
    }));

  it('keeps large values also where messages are small', () =>
    withServer({ config: 'max_payload: 65536' }, async ({ url }) => {
      const state = await openOn(url);
      await state.bindings.put('a', new Uint8Array(1_000_000).fill(7), { metadata: '"'.repeat(4096) });
      const entry = await state.bindings.get('a');
      expect([entry!.value.byteLength, new Set(entry!.value), entry!.metadata!.length]).toEqual([1_000_000, new Set([7]), 4096]);
      await state.close();
    }));

  it('is refused for more replicas than there are servers, and for any number on servers that lose writes then', async () => {
    const able = isAtLeast(natsVersion!, REPLICAS_VERSION);
    const reason = able
      ? /3 replicas need a cluster of as many servers/
      : /which loses writes where a bucket lies on several servers\. Upgrade/;
    expect(await refusal(openOn(server.url, { replicas: 3 }))).toMatch(reason);
  });

  it('is refused for a bucket that someone else uses', async () => {
    const { connection, close } = await connectNats({ url: server.url });
    const manager = await jetstreamManager(connection);
    await manager.streams.add({ name: 'KV_taken_state', subjects: ['$KV.taken_state.>'], max_msgs_per_subject: 5 });
    await close();
    expect(await refusal(openOn(server.url, { prefix: 'taken' }))).toMatch(/The bucket taken_state in NATS is not one of Brink's\. Choose/);
  });

  it('takes a user and password, and a token, from the URL', async () => {
    await withServer({ args: ['--user', 'ada', '--pass', 'p@ss'] }, async ({ port }) => {
      const state = await openOn(`nats://ada:p%40ss@127.0.0.1:${port}`);
      expect(state.connection.shown).toBe(`nats://127.0.0.1:${port}`);
      await state.close();
      expect(await refusal(connectNats({ url: `nats://ada:s3cret@127.0.0.1:${port}` }))).toMatch(/refuses these credentials/);
    });
    await withServer({ args: ['--auth', 't0ken'] }, async ({ port }) => {
      await (await openOn(`nats://t0ken@127.0.0.1:${port}`)).close();
    });
  });

  it('takes a credentials file', async () => {
    const { config, creds } = operatorMode();
    const folder = temporaryFolder();
    const file = join(folder.path, 'user.creds');
    writeFileSync(file, creds);
    await withServer({ config }, async ({ url }) => {
      expect(await refusal(connectNats({ url }))).toMatch(/refuses these credentials/);
      expect(await refusal(connectNats({ url, creds: '/nowhere/a.creds' }))).toMatch(/cannot be read from \/nowhere\/a\.creds/);
      const host = await serveOn(url, { args: ['--nats-creds', file] });
      await host.publish('greet', 'export default { fetch: () => new Response("in") };');
      expect(await host.text('/greet/')).toBe('in');
      await host.stop();
    });
    folder.remove();
  });

  it('is encrypted with tls://, and only that', async (context) => {
    expect(await refusal(connectNats({ url: server.url.replace('nats:', 'tls:') }))).toMatch(/server does not support 'tls'/);
    if (spawnSync('openssl', ['version']).status !== 0) leaveOut(context, 'there is no openssl on this machine, which makes a certificate');
    const folder = temporaryFolder();
    const [key, cert] = ['key.pem', 'cert.pem'].map((name) => join(folder.path, name)) as [string, string];
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1,DNS:localhost'];
    const make = [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-days',
      '2',
      '-keyout',
      key,
      '-out',
      cert,
    ];
    execFileSync('openssl', [...make, ...subject], { stdio: 'ignore' });
    await withServer({ args: ['--tls', '--tlscert', cert, '--tlskey', key] }, async ({ port }) => {
      const url = `tls://127.0.0.1:${port}`;
      expect(await refusal(connectNats({ url }))).toMatch(/self-signed certificate/);
      const host = await serveOn(url, { env: { NODE_EXTRA_CA_CERTS: cert } });
      expect(await host.admin.functions()).toEqual([]);
      await host.stop();
    });
    folder.remove();
  });

  it('is refused by the command line with its code, and only for Node', async () => {
    const cwd = temporaryFolder();
    const none = await brink(['serve', '--port', '0', '--nats', 'nats://127.0.0.1:1', '--json'], { cwd: cwd.path });
    expect([none.code, (JSON.parse(none.stderr) as { error: { code: string } }).error.code]).toEqual([1, 'store-unavailable']);
    const other = await brink(['serve', '--engine', 'workerd', '--nats', server.url], { cwd: cwd.path });
    expect([other.code, other.stderr]).toEqual([2, expect.stringContaining('--engine node')]);
    cwd.remove();
  });
});
