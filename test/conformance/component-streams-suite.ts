import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { Agent, request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { COUNTING_03, TICKING_02 } from '../component/wat-streams.ts';
import { watComponent } from '../component/wat-component.ts';
import { eventually, type OpenHost, type TestHost } from './harness.ts';
import { publishComponent } from './publish-component.ts';

const GUESTS = new URL('../component/guests/', import.meta.url);
const MIB = 1024 * 1024;
/** What goes through in one stream: `BRINK_TEST_STREAM_MIB=1024` is the long form. */
const STREAM_MIB = Number(process.env['BRINK_TEST_STREAM_MIB'] ?? 64);
/** First, since garbage is let grow to its usual size. */
const WARM_MIB = 128;
/** Far less than a stream: one that is kept as a whole is noticed. */
const MOST_GROWTH_MIB = Math.max(48, STREAM_MIB / 4);
/** More than kernels keep in the buffers of both sockets. */
const AHEAD_MIB = 32;

/** Long and many streams through components, over HTTP. */
export function componentStreamsSuite(open: OpenHost): void {
  describe('streams through components', { timeout: 30_000 + STREAM_MIB * 500 }, () => {
    let host: TestHost;
    let agent: Agent;
    beforeAll(async () => {
      host = await open();
      agent = new Agent({ maxSockets: Infinity });
    });
    afterAll(async () => {
      agent.destroy();
      await host.stop();
    });

    async function publish(guest: string, config = ''): Promise<string> {
      return (await publishComponent(host, await readFile(new URL(`${guest}.wasm`, GUESTS)), config)).url;
    }

    // An instance has about 100 KiB of the cell's heap, so those with one each are not all there at once.
    it.each([
      ['p2-echo', 'request', 300],
      ['p3-echo', 'request', 300],
      ['p3-echo', 'instance', 1_000],
    ])('%s with isolation = "%s" keeps 1,000 conversations apart, %i at once', async (guest, isolation, atOnce) => {
      const url = await publish(guest, `[limits]\ndeadline_ms = 60000\n[component]\nisolation = "${isolation}"\nmax_concurrent = 1000\n`);
      let next = 0;
      let done = 0;
      const talk = async () => {
        for (let index = next++; index < 1_000; index = next++) {
          await converse(new Conversation(url, agent), index);
          done += 1;
        }
      };
      await Promise.all(Array.from({ length: atOnce }, talk));
      expect(done).toBe(1_000);
    });

    it.each(['p2-echo', 'p3-echo'])('%s streams in constant memory', async (guest) => {
      const url = await publish(guest);
      await passThrough(url, agent, WARM_MIB, () => undefined);
      const before = rssOf(host);
      let most = before;
      const start = performance.now();
      const bytes = await passThrough(url, agent, STREAM_MIB, () => (most = Math.max(most, rssOf(host))));
      const seconds = (performance.now() - start) / 1000;
      expect(bytes).toBe(STREAM_MIB * MIB);
      const figures = `${STREAM_MIB} MiB in ${seconds.toFixed(1)} s, RSS ${before} MiB before and at most ${most} MiB`;
      console.log(`${host.platform}, ${guest}: ${figures}`);
      expect(most - before, figures).toBeLessThan(MOST_GROWTH_MIB);
    });

    it.each(['p2-echo', 'p3-echo'])('a client of %s that does not read holds its upload back', async (guest) => {
      const url = await publish(guest);
      const request = httpRequest(url, { method: 'POST', agent });
      const answer = new Promise<IncomingMessage>((resolve, reject) => request.on('response', resolve).on('error', reject));
      const piece = Buffer.alloc(MIB, 7);
      const total = AHEAD_MIB + 32;
      let given = 0;
      const giving = (async () => {
        for (; given < total; given += 1) await write(request, piece);
        request.end();
      })();
      const response = await answer;
      const stuck = await stable(() => given);
      expect(stuck).toBeLessThan(AHEAD_MIB);
      let got = 0;
      for await (const chunk of response as AsyncIterable<Buffer>) {
        expect(chunk.equals(piece.subarray(0, chunk.length))).toBe(true);
        got += chunk.length;
      }
      await giving;
      expect(got).toBe(total * MIB);
    });

    it("a client that does not read stops the guest's writes, and one that leaves ends them", async () => {
      const { url } = await publishComponent(host, await watComponent('0.3', COUNTING_03), '[component]\nisolation = "instance"\n');
      const response = await send(`${url}/f`, agent);
      const stuck = await stable(async () => (await counters(url)).pieces);
      expect(stuck).toBeGreaterThan(0);
      expect(stuck * 65_536).toBeLessThan(AHEAD_MIB * MIB);
      response.destroy();
      const { pieces } = await eventually(async () => {
        const now = await counters(url);
        return now.gone === 1 ? now : undefined;
      });
      expect(await stable(async () => (await counters(url)).pieces)).toBe(pieces);
    });

    it('a client that leaves before there is a response cancels a guest of WASI 0.3', async () => {
      const { url } = await publishComponent(host, await watComponent('0.3', COUNTING_03), '[component]\nisolation = "instance"\n');
      await counters(url);
      const request = httpRequest(`${url}/w`, { agent }).on('error', () => undefined);
      request.end();
      await eventually(async () => ((await counters(url)).waits === 1 ? true : undefined));
      request.socket?.resetAndDestroy();
      await eventually(async () => ((await counters(url)).cancelled === 1 ? true : undefined));
    });

    it.each(['/', '/f'])('a client that leaves ends the instance of a guest of WASI 0.2, at %s', async (path) => {
      const { name, url } = await publishComponent(host, await watComponent('0.2', TICKING_02));
      const ticks = () => host.events.filter((event) => event.type === 'console' && event.function === name).length;
      const request = httpRequest(url + path, { agent }).on('error', () => undefined);
      request.on('response', (response) => response.resume().on('error', () => undefined)).end();
      await eventually(() => (ticks() > 3 ? true : undefined));
      request.socket?.resetAndDestroy();
      // It would write 25 lines in the time in which the number has to stay.
      const last = await stable(ticks);
      expect(last).toBeLessThan(1_000);
    });
  });
}

/** Says four things, each other than what anyone else says, and each when the one before has come back. */
async function converse(talk: Conversation, index: number): Promise<void> {
  for (let round = 0; round < 4; round += 1) {
    const said = `${index}:${round} `.repeat(1 + ((index * 7 + round) % 50));
    expect(await talk.say(said)).toBe(said);
  }
  await talk.end();
}

/** A request whose body and response go on at the same time. */
class Conversation {
  readonly #request: ClientRequest;
  readonly #response: Promise<IncomingMessage>;

  constructor(url: string, agent: Agent) {
    this.#request = httpRequest(url, { method: 'POST', agent });
    this.#response = new Promise((resolve, reject) => this.#request.on('response', resolve).on('error', reject));
  }

  /** What comes back of as many bytes as are sent. */
  async say(text: string): Promise<string> {
    this.#request.write(text);
    const response = await this.#response;
    let heard = '';
    while (heard.length < text.length) {
      const chunk = response.read() as Buffer | null;
      if (chunk !== null) heard += chunk.toString();
      else await new Promise((resolve, reject) => response.once('readable', resolve).once('error', reject).once('end', resolve));
      if (response.readableEnded) break;
    }
    response.removeAllListeners('error').removeAllListeners('end');
    return heard;
  }

  async end(): Promise<void> {
    this.#request.end();
    const response = await this.#response;
    const ended = new Promise((resolve, reject) => response.on('end', resolve).on('error', reject));
    response.resume();
    await ended;
  }
}

/** Sends so many MiB and reads as many; `progress` is called at each eighth that has come back. */
async function passThrough(url: string, agent: Agent, mebibytes: number, progress: () => void): Promise<number> {
  const request = httpRequest(url, { method: 'POST', agent });
  const answer = new Promise<IncomingMessage>((resolve, reject) => request.on('response', resolve).on('error', reject));
  const piece = Buffer.alloc(MIB, 1);
  const sending = (async () => {
    for (let sent = 0; sent < mebibytes; sent += 1) await write(request, piece);
    request.end();
  })();
  let got = 0;
  for await (const chunk of (await answer) as AsyncIterable<Buffer>) {
    if (Math.floor((got + chunk.length) / (8 * MIB)) > Math.floor(got / (8 * MIB))) progress();
    got += chunk.length;
  }
  await sending;
  return got;
}

async function write(request: ClientRequest, piece: Buffer): Promise<void> {
  if (!request.write(piece)) await new Promise((resolve) => request.once('drain', resolve));
}

function send(url: string, agent: Agent): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => httpRequest(url, { agent }, resolve).on('error', reject).end());
}

async function counters(url: string): Promise<{ pieces: number; gone: number; cancelled: number; waits: number }> {
  const bytes = await (await fetch(`${url}/c`)).arrayBuffer();
  const [pieces, gone, cancelled, waits] = new Uint32Array(bytes) as unknown as [number, number, number, number];
  return { pieces, gone, cancelled, waits };
}

/** The value, once it has been the same for half a second. */
async function stable(read: () => number | Promise<number>): Promise<number> {
  let last = await read();
  for (let same = 0; same < 5;) {
    await sleep(100);
    const now = await read();
    same = now === last ? same + 1 : 0;
    last = now;
  }
  return last;
}

/** MiB that the host's process has in memory: on workerd its runtime's, which is a child of this one. */
function rssOf({ platform }: TestHost): number {
  if (platform === 'node') return Math.round(process.memoryUsage.rss() / MIB);
  const lines = execFileSync('ps', ['-o', 'rss=,comm=', '--ppid', String(process.pid)], { encoding: 'utf8' }).split('\n');
  const kib = lines.flatMap((line) => (/workerd/.test(line) ? [Number.parseInt(line, 10)] : []));
  return Math.round(Math.max(...kib) / 1024);
}
