import { connect } from 'node:net';

/** A closed loop of keep-alive connections, in a process of its own: `node load.ts '{"port":…}'` prints requests per second. */
export interface Load {
  readonly port: number;
  readonly connections: number;
  readonly seconds: number;
  readonly method: 'GET' | 'POST';
  readonly path: string;
  /** Bytes of the request's body. */
  readonly body: number;
  /** A body of JSON in place of one of `body` bytes. */
  readonly json?: string;
  /** Bytes that each response's body must have. */
  readonly expect: number;
}

const OK = Buffer.from('HTTP/1.1 200 ');

if (process.argv[1] === import.meta.filename) {
  const load = JSON.parse(process.argv[2]!) as Load;
  process.stdout.write(`${JSON.stringify({ requestsPerSecond: await run(load) })}\n`);
  process.exit(0);
}

async function run(load: Load): Promise<number> {
  let done = 0;
  const started = performance.now();
  const failed = Promise.withResolvers<never>();
  for (let connection = 0; connection < load.connections; connection++) loop(load, () => done++, failed.reject); // prettier-ignore
  await Promise.race([failed.promise, new Promise((resolve) => setTimeout(resolve, load.seconds * 1000))]);
  // Not zero requests per second, by which nothing can be divided: a server that hangs has failed.
  if (done === 0) throw new Error(`No response to ${load.path} within ${load.seconds} s.`);
  return done / ((performance.now() - started) / 1000);
}

/**
 * The machine's cores are few, and what is measured needs them: so a connection's first response is read by the
 * letter, and each later one must be as long as that one and begin with the same status.
 */
function loop(load: Load, count: () => void, fail: (error: Error) => void): void {
  const body = load.json === undefined ? Buffer.alloc(load.body, 'x') : Buffer.from(load.json);
  const fields = `${load.json === undefined ? '' : 'content-type: application/json\r\n'}${body.length > 0 ? `content-length: ${body.length}\r\n` : ''}`;
  const head = `${load.method} ${load.path} HTTP/1.1\r\nhost: 127.0.0.1:${load.port}\r\n${fields}\r\n`;
  const request = Buffer.concat([Buffer.from(head), body]);
  const socket = connect({ port: load.port, host: '127.0.0.1', noDelay: true });
  let first: Buffer | null = Buffer.alloc(0);
  let length = Infinity;
  let received = 0;
  let chunked = false;
  let tail = '';
  socket.on('error', fail).on('close', () => fail(new Error('A connection was closed.')));
  socket.on('data', (data: Buffer) => {
    if (received === 0 && OK.compare(data, 0, OK.length) !== 0)
      return fail(new Error(`A response to ${load.path} is ${data.toString('latin1', 0, 40)}`));
    received += data.length;
    if (first !== null) {
      first = Buffer.concat([first, data]);
      length = lengthOf(first, load);
      chunked = length !== Infinity && !/\r\ncontent-length: /i.test(first.toString('latin1', 0, 1024));
    } else if (chunked) {
      // A stream comes in other chunks each time: what tells its end is the last one, after at least the whole body.
      tail = (tail + data.toString('latin1', Math.max(0, data.length - 7))).slice(-7);
      length = tail === '\r\n0\r\n\r\n' && received >= load.expect ? received : Infinity;
    }
    if (received < length) return undefined;
    if (received > length) return fail(new Error(`A response to ${load.path} has ${received} bytes; the first one had ${length}.`));
    first = null;
    received = 0;
    tail = '';
    count();
    socket.write(request);
    return undefined;
  });
  socket.write(request);
}

/** Of a response whose beginning is here: by its Content-Length or its chunks; Infinity where that cannot be said yet. */
function lengthOf(response: Buffer, load: Load): number {
  const end = response.indexOf('\r\n\r\n');
  if (end === -1) return Infinity;
  const head = response.toString('latin1', 0, end).toLowerCase();
  const length = /\r\ncontent-length: (\d+)/.exec(head)?.[1];
  if (length === undefined) {
    // RFC 9112, section 7.1: the last chunk has no data.
    const last = response.lastIndexOf('\r\n0\r\n\r\n');
    return last === -1 ? Infinity : last + 7;
  }
  if (Number(length) !== load.expect) throw new Error(`A response to ${load.path} has ${length} bytes, not ${load.expect}.`);
  return end + 4 + Number(length);
}
