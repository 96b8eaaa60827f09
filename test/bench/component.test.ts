import { createServer, type AddressInfo, type Server } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { documentText } from '../docs/blocks.ts';
import { RATIOS, ratiosOf } from './component.ts';
import { reasonOf, startOthers } from './others.ts';
import { measure, startPeer, type Peer } from './peers.ts';

const OK = 'HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello';
const FAILED = 'HTTP/1.1 500 Internal Server Error\r\ncontent-length: 5\r\n\r\nhello';

describe('the ratios', () => {
  it('are those of the table in ARCHITECTURE.md', () => {
    const table = documentText('ARCHITECTURE.md')
      .split('Components, `npm run bench -- component')[1]!
      .split('\nBindings, `npm run bench')[0]!;
    const rows = [...table.matchAll(/^\| `(\w+)`/gm)].map(([, name]) => name!);
    expect(rows.toSorted()).toEqual(Object.keys(RATIOS).toSorted());
  });

  it('are medians of rates that were measured in the same round, or are missing with a reason', () => {
    const rates = Object.fromEntries(Object.values(RATIOS).flatMap(([ours, peer]) => [[ours, [2, 9, 40]], [peer, [1, 3, 10]]])); // prettier-ignore
    rates['js_hello_reset'] = [100, 10, 30];
    const { js_jco_serve: _, ...measured } = rates;
    const { ratios, missing } = ratiosOf(measured, { js_jco_serve: 'jco did not start' });
    expect(missing).toEqual({ js_hello_reset_vs_jco_serve: 'jco did not start' });
    expect(ratios['js_hello_vs_jco_glue']).toBe(10 / 3);
    expect(Object.keys({ ...ratios, ...missing }).toSorted()).toEqual(Object.keys(RATIOS).toSorted());
  });
});

describe('a peer', () => {
  const stops: (() => void)[] = [];
  afterEach(() => stops.splice(0).forEach((stop) => stop()));

  const answering = async (respond: (request: number) => string): Promise<Peer> => {
    let requests = 0;
    const server: Server = createServer((socket) => {
      socket.on('error', () => undefined).on('data', () => socket.write(respond((requests += 1))));
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    stops.push(() => server.close());
    return { port: (server.address() as AddressInfo).port, token: null, pid: process.pid, stop: () => undefined };
  };
  const briefly = ({ port }: Peer) => measure({ port, connections: 1, seconds: 0.2 });

  it('is measured where all responses are good', async () => {
    expect(await briefly(await answering(() => OK))).toBeGreaterThan(0);
  });

  it('is missing where a response fails, is of another length, or never comes', async () => {
    const { peers, missing } = await startOthers(
      {
        fails: () => answering((request) => (request === 1 ? OK : FAILED)),
        changes: () => answering((request) => (request === 1 ? OK : `${OK} again`)),
        hangs: () => answering(() => ''),
        ends: () => Promise.reject(new Error('The peer ends ended with code 1.\nfor reasons')),
      },
      briefly,
    );
    expect(peers).toEqual({});
    expect(missing).toEqual({
      fails: expect.stringContaining('A response to / is HTTP/1.1 500'),
      changes: expect.stringContaining('the first one had'),
      hangs: expect.stringContaining('No response to / within 0.2 s.'),
      ends: 'The peer ends ended with code 1.',
    });
  });

  it.each(['instance', 'request'])("answers with jco's glue and the small host, isolation %s", async (isolation) => {
    const peer = await startPeer('jco-glue', 'p2-hello', isolation);
    stops.push(() => peer.stop());
    const ask = async () => (await fetch(`http://127.0.0.1:${peer.port}/a?b=c`)).text();
    expect(await ask()).toBe('hello');
    expect(await ask()).toBe('hello');
  });
});

it('the reason why a process failed is the error that it wrote', () => {
  const error = Object.assign(new Error('Command failed: node x\nmuch'), { stderr: 'at x\nTypeError: no such world\n  at y' });
  expect(reasonOf(error)).toBe('TypeError: no such world');
  expect(reasonOf(new Error('Command failed: node x\nmuch'))).toBe('Command failed: node x');
});
