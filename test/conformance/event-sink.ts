import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readCloudEvents, type CloudEvent } from '../../sdk/index.ts';

/** A receiver of CloudEvents. */
export interface EventSink {
  readonly url: string;
  /** What came, in its order, also what was refused. */
  readonly got: readonly CloudEvent[];
  stop(): void;
}

/** @param statusOf the answer to an event, which has come `times` times by then */
export async function openEventSink(statusOf: (event: CloudEvent, times: number) => number): Promise<EventSink> {
  const got: CloudEvent[] = [];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const headers = request.headers as Record<string, string>;
      void readCloudEvents(new Response(Buffer.concat(parts), { headers })).then(([event]) => {
        got.push(event!);
        const status = statusOf(event!, got.filter(({ id }) => id === event!.id).length);
        response.writeHead(status, status === 429 ? { 'retry-after': '1' } : {}).end();
      });
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, got, stop: () => void server.close() };
}
