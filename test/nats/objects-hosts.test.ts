import { readFileSync } from 'node:fs';
import process from 'node:process';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { leaveOut } from '../left-out.ts';
import { serveOn, type ServingHost } from './host.ts';
import { onNats } from './on-nats.ts';
import { startNatsServer, type NatsServer } from './server.ts';

const MB = 1_000_000;
const LARGE = 400;
const FILES = `export default { async fetch(request, { FILES }) {
  const { pathname } = new URL(request.url);
  if (request.method === 'PUT') {
    let left = ${LARGE};
    const stream = new ReadableStream({
      pull: (controller) => (left-- > 0 ? controller.enqueue(new Uint8Array(${MB}).fill(left)) : controller.close()),
    });
    return Response.json(await FILES.put(pathname, stream));
  }
  const range = request.headers.get('range');
  const found = await FILES.get(pathname, range === null ? {} : { range: request.headers });
  return new Response(found.body);
} };`;

onNats('buckets of two hosts on one NATS', () => {
  let server: NatsServer;
  let hosts: ServingHost[];
  beforeAll(async () => {
    server = await startNatsServer();
    hosts = await Promise.all([serveOn(server.url), serveOn(server.url)]);
    await hosts[0]!.publish('files', FILES, { manifest: { r2_buckets: [{ binding: 'FILES', bucket_name: 'shared' }] } });
  });
  afterAll(async () => {
    await Promise.all(hosts.map((host) => host.stop()));
    await server.stop();
  });

  it(`an object of ${LARGE} MB goes in on one and out on the other in far less memory`, { timeout: 90_000 }, async (context) => {
    if (process.platform !== 'linux') leaveOut(context, 'only Linux says how much memory a process has had at most');
    const [a, b] = hosts as [ServingHost, ServingHost];
    const before = hosts.map(mostMemory);
    const put = await fetch(`${a.url}/files/large`, { method: 'PUT' });
    expect(await put.json()).toMatchObject({ size: LARGE * MB });
    let size = 0;
    for await (const piece of (await fetch(`${b.url}/files/large`)).body!) size += piece.byteLength;
    expect(size).toBe(LARGE * MB);
    const part = await fetch(`${b.url}/files/large`, { headers: { range: `bytes=${150 * MB}-${150 * MB + 9}` } });
    expect([...(await part.bytes())]).toEqual(Array.from({ length: 10 }, () => (LARGE - 1 - 150) % 256));
    // What waits for the garbage collectors of two threads, whatever the size of the object.
    for (const [index, most] of hosts.map(mostMemory).entries()) expect((most - before[index]!) / MB).toBeLessThan(240);
  });
});

/** Bytes that a process has had at once, at most. */
function mostMemory({ pid }: ServingHost): number {
  return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) * 1024;
}
