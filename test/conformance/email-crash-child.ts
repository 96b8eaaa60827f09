import { writeSync } from 'node:fs';
import { createTransport } from 'nodemailer';
import { startNode } from '../../host/platforms/node/serve.ts';

/** One line for each message that the client was told is taken. */
export interface Line {
  readonly taken: string;
}

const [state, round] = process.argv.slice(2) as [string, string];
/** Clients that send at the same time: so kills meet messages at every step. */
const CLIENTS = 8;

const host = await startNode({ port: 0, state, smtp: { hostname: '127.0.0.1', port: 0 } });
const transport = createTransport({ url: host.smtpUrl!, pool: true, maxConnections: CLIENTS });
await Promise.all(Array.from({ length: CLIENTS }, (_, client) => sendOn(client)));

async function sendOn(client: number): Promise<never> {
  for (let step = 0; ; step++) {
    const number = `${round}-${client}-${step}`;
    await transport.sendMail({
      from: 'ada@example.org',
      to: 'in@example.com',
      subject: number,
      text: 'x'.repeat(20_000),
      headers: { 'X-Number': number },
    });
    writeSync(1, `${JSON.stringify({ taken: number } satisfies Line)}\n`);
  }
}
