import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HostOptions } from '../../host/platforms/running.ts';
import { publishComponent } from './publish-component.ts';
import { publish, type TestHost } from './harness.ts';
import { DISGUISED, FORBIDDEN, HOSTS, NAMED, NAMES, OPEN, REDIRECTED, UNFETCHABLE } from './ssrf-cases.ts';

const API = new URL('../../functions/api-rust/api.wasm', import.meta.url);

/** What a function saw of a `fetch`: a status, or how it was refused. */
interface Outcome {
  readonly status?: number;
  readonly text?: string;
  readonly message?: string;
  readonly code?: string;
  readonly rule?: string;
}

/** Fetches what it is told, one after the other. */
const FETCHER = `export default { async fetch(request) {
  const outcomes = [];
  for (const [url, init] of await request.json()) {
    try {
      const response = await fetch(url, init);
      outcomes.push({ status: response.status, text: await response.text() });
    } catch (error) {
      outcomes.push({ message: String(error.message), code: error.code, rule: error.rule });
    }
  }
  return Response.json(outcomes);
} }`;

const SOCKETS = `export default { async fetch(request) {
  return Response.json(await Promise.all((await request.json()).map((url) => new Promise((resolve) => {
    try {
      const socket = new WebSocket(url);
      for (const type of ['open', 'error', 'close']) socket.addEventListener(type, () => resolve(type === 'open' ? type : 'refused'));
    } catch { resolve('refused'); }
  }))));
} }`;

/** On both platforms: no function reaches what is not public, by whatever way it is named. */
export function ssrfSuite(platform: 'node' | 'workerd', openHost: (options: Partial<HostOptions>) => Promise<TestHost>): void {
  describe(`requests to the host's own network on ${platform}`, () => {
    let host: TestHost;
    let forbidden: Listening;
    let opened: Listening;
    let open: string;
    let fetcher: string;
    beforeAll(async () => {
      forbidden = await listen(FORBIDDEN);
      opened = await listen(OPEN);
      open = `http://${OPEN}:${opened.port}`;
      host = await openHost({ network: { open: [OPEN], ...(platform === 'node' && { names: NAMES }) } });
      ({ url: fetcher } = await publish(host, FETCHER));
    });
    afterAll(async () => {
      await host.stop();
      for (const { server } of [forbidden, opened]) {
        server.close();
        server.closeAllConnections();
      }
    });

    const run = async (urls: readonly (readonly [string, RequestInit?])[], at = fetcher): Promise<Outcome[]> => {
      const calls = urls.map(([url, init]) => [url.replaceAll('PORT', String(forbidden.port)), init]);
      const outcomes = (await (await fetch(at, { method: 'POST', body: JSON.stringify(calls) })).json()) as Outcome[];
      expect(forbidden.hits).toBe(0);
      return outcomes;
    };
    /** Of each, the URL and the rule that its error names. */
    const rulesOf = (urls: readonly (readonly [string, string])[], outcomes: readonly Outcome[]) =>
      urls.map(([url], at) => [url, /its address is ([a-z0-9-]+)/.exec(outcomes[at]!.message ?? '')?.[1] ?? outcomes[at]]);

    it('a host that is an address, however it is written, is refused by its kind', async () => {
      const outcomes = await run(HOSTS.map(([url]) => [url]));
      expect(rulesOf(HOSTS, outcomes)).toEqual(HOSTS);
    });

    it('the error names the host, the rule and the way out', async () => {
      const [outcome] = await run([['http://0x7f.1:PORT/']]);
      expect(outcome!.message).toBe(
        "A connection to 127.0.0.1 is not allowed: its address is loopback, and this host's functions reach public ones. The host opens it to functions with --allow-private 127.0.0.1.",
      );
    });

    it('what is no web address is refused', async () => {
      const outcomes = await run(UNFETCHABLE.map((url) => [url]));
      expect(UNFETCHABLE.filter((_, at) => outcomes[at]!.status !== undefined)).toEqual([]);
    });

    it('a data: URL is what it says, and is sent to nobody', async () => {
      const [outcome] = await run([['data:text/plain,http://127.0.0.1:PORT/']]);
      expect(outcome!.text).toBe(`http://127.0.0.1:${forbidden.port}/`);
    });

    it('a host that hides behind another is refused', async () => {
      const outcomes = await run(DISGUISED.map((url) => [url]));
      expect(DISGUISED.filter((_, at) => outcomes[at]!.status !== undefined)).toEqual([]);
    });

    it('a redirect is followed to nothing that is refused', async () => {
      const ways = [301, 302, 303, 307, 308].flatMap((status) =>
        REDIRECTED.map((to): [string] => [`${open}/redirect?status=${status}&to=${encodeURIComponent(to)}`]),
      );
      const outcomes = await run(ways.map(([url]) => [url.replaceAll('PORT', String(forbidden.port))]));
      expect(ways.filter((_, at) => outcomes[at]!.status !== undefined)).toEqual([]);
    });

    it('what is opened is reached, by its address and by a redirect to it', async () => {
      const [direct, redirected] = await run([[`${open}/hello`], [`${open}/redirect?status=302&to=/hello`]]);
      expect([direct!.text, redirected!.text]).toEqual([`hello ${OPEN}:${opened.port}`, `hello ${OPEN}:${opened.port}`]);
    });

    it('a Host header changes nothing about where a request goes', async () => {
      const [disguised, spoofed] = await run([
        ['http://127.0.0.1:PORT/', { headers: { host: OPEN } }],
        [`${open}/hello`, { headers: { host: 'localhost' } }],
      ]);
      expect(disguised!.message).toMatch(/127\.0\.0\.1 is not allowed/);
      expect(spoofed!.status).toBe(200);
    });

    it('capabilities.outbound opens nothing that the host does not', async () => {
      const manifest = { capabilities: { outbound: ['127.0.0.1', 'localhost', OPEN] } };
      const { url } = await publish(host, FETCHER, { manifest });
      const [address, name, fine, other] = await run(
        [['http://127.0.0.1:PORT/'], ['http://localhost:PORT/'], [open], ['http://a.example/']],
        url,
      );
      expect([address!.message, name!.message]).toEqual([expect.stringMatching(/loopback/), expect.stringMatching(/loopback/)]);
      expect(fine!.status).toBe(200);
      expect(other!.message).toMatch(/a\.example is not allowed: capabilities\.outbound of this function names 127\.0\.0\.1/);
    });

    it('a WebSocket is refused as a request is', async () => {
      const { url } = await publish(host, SOCKETS);
      const urls = [
        'ws://127.0.0.1:PORT/',
        'ws://2130706433:PORT/',
        'ws://localhost:PORT/',
        'ws://[::ffff:127.0.0.1]:PORT/',
        'http://127.0.0.1:PORT/',
      ];
      const body = JSON.stringify(urls.map((each) => each.replace('PORT', String(forbidden.port))));
      expect(await (await fetch(url, { method: 'POST', body })).json()).toEqual(urls.map(() => 'refused'));
      expect(forbidden.hits).toBe(0);
    });

    it('a component’s requests are refused alike', async () => {
      const { url } = await publishComponent(host, await readFile(API));
      const named = platform === 'node' ? NAMED : [];
      const urls = [...HOSTS, ...named].map(([each]) => URL.parse(each.replaceAll('PORT', String(forbidden.port)))!.href);
      const answers = await Promise.all(urls.map((each) => fetch(`${url}/proxy?url=${encodeURIComponent(each)}`)));
      const texts = await Promise.all(answers.map(async (answer) => `${answer.status} ${await answer.text()}`));
      expect(texts).toEqual(urls.map(() => '502 {"error":"ErrorCode::DestinationIpProhibited"}'));
      const passed = await fetch(`${url}/proxy?url=${encodeURIComponent(`${open}/hello`)}`);
      expect(await passed.text()).toBe(`hello ${OPEN}:${opened.port}`);
      expect(forbidden.hits).toBe(0);
    });

    if (platform === 'workerd') return;

    it('the error of a refusal has a code and its parts', async () => {
      const [outcome] = await run([['http://0x7f.1:PORT/']]);
      expect(outcome).toMatchObject({ code: 'egress-denied', rule: 'loopback' });
    });

    it('a name is refused by what it leads to', async () => {
      const outcomes = await run(NAMED.map(([url]) => [url]));
      expect(rulesOf(NAMED, outcomes)).toEqual(NAMED);
    });

    it('of the addresses of a name, those that are allowed are connected to', async () => {
      const [some, none] = await run([[`http://some.example:${opened.port}/hello`], ['http://none.example/']]);
      expect(some!.text).toBe(`hello some.example:${opened.port}`);
      expect(none!.message).toBe('fetch failed');
    });

    it('a name that leads elsewhere the next time is looked at each time it is connected to', async () => {
      const url = `http://rebinding.example:${opened.port}/closing`;
      const [first, second] = await run([[url], [url]]);
      expect([first!.text, second!.message]).toEqual([
        'closed',
        expect.stringMatching(/rebinding\.example is not allowed: its address is loopback/),
      ]);
    });

    it('a redirect to a name that leads to the machine is refused', async () => {
      const [outcome] = await run([[`${open}/redirect?status=307&to=http://loopback.example:PORT/`]]);
      expect(outcome!.message).toMatch(/loopback\.example is not allowed/);
    });
  });
}

interface Listening {
  readonly server: Server;
  readonly port: number;
  hits: number;
}

async function listen(address: string): Promise<Listening> {
  const server = createServer((request, response) => {
    listening.hits++;
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, address, resolve));
  const listening: Listening = { server, port: (server.address() as AddressInfo).port, hits: 0 };
  server.on('connection', () => listening.hits++);
  return listening;
}

function answer(request: IncomingMessage, response: ServerResponse): void {
  const { pathname, searchParams } = new URL(request.url!, 'http://own');
  if (pathname === '/redirect') response.writeHead(Number(searchParams.get('status')), { location: searchParams.get('to')! }).end();
  else if (pathname === '/closing') response.writeHead(200, { connection: 'close' }).end('closed');
  else response.end(`hello ${request.headers.host}`);
}
