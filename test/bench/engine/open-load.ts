import { execFile } from 'node:child_process';
import { connect, type Socket } from 'node:net';
import { promisify } from 'node:util';

/** An open loop: requests come at their rate whether or not earlier ones have been answered. Prints the 99th percentile in ms. */
export interface OpenLoad {
  readonly port: number;
  readonly path: string;
  /** Requests per second; those of a millisecond come together. */
  readonly rate: number;
  readonly seconds: number;
}

/** More than are ever busy at half load. One that waits for a free one is late, and counts so. */
const CONNECTIONS = 64;
const TICK = 1;

if (process.argv[1] === import.meta.filename) {
  process.stdout.write(`${await run(JSON.parse(process.argv[2]!) as OpenLoad)}\n`);
  process.exit(0);
}

/** From a process of its own. */
export async function p99(load: OpenLoad): Promise<number> {
  const { stdout } = await promisify(execFile)(process.execPath, [import.meta.filename, JSON.stringify(load)]);
  return Number(stdout);
}

async function run({ port, path, rate, seconds }: OpenLoad): Promise<number> {
  const request = `GET ${path} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\n\r\n`;
  const idle: Socket[] = [];
  const due: number[] = [];
  const began = new Map<Socket, number>();
  const took: number[] = [];
  const send = (socket: Socket, since: number) => {
    began.set(socket, since);
    socket.write(request);
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, () => open(port, idle, (socket) => {
    took.push(performance.now() - began.get(socket)!);
    const next = due.shift();
    if (next === undefined) idle.push(socket);
    else send(socket, next);
  }))); // prettier-ignore

  const start = performance.now();
  let sent = 0;
  while (performance.now() - start < seconds * 1000) {
    const now = performance.now();
    for (; sent < ((now - start) / 1000) * rate; sent++) {
      const socket = idle.pop();
      if (socket === undefined) due.push(now);
      else send(socket, now);
    }
    await new Promise((resolve) => setTimeout(resolve, TICK));
  }
  // What has not been answered by now took at least so long.
  const end = performance.now();
  for (const since of due) took.push(end - since);
  return took.toSorted((a, b) => a - b)[Math.floor(took.length * 0.99)]!;
}

function open(port: number, idle: Socket[], answered: (socket: Socket) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true }, () => {
      idle.push(socket);
      resolve();
    });
    socket.on('error', reject).on('close', () => reject(new Error('A connection was closed.')));
    // A small response comes in one piece.
    socket.on('data', (data: Buffer) => {
      if (!data.toString('latin1', 0, 13).startsWith('HTTP/1.1 200 ')) throw new Error(`A response is ${data.toString('latin1', 0, 40)}`);
      answered(socket);
    });
  });
}
