import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';

/** A message that the relay has taken. */
export interface Taken {
  readonly from: string;
  readonly to: readonly string[];
  readonly text: string;
}

export interface TestRelay {
  readonly url: string;
  readonly taken: readonly Taken[];
  /** The next messages are answered so, each once. */
  readonly failing: { readonly code: number; readonly text: string }[];
  /** How many messages have come, those that were refused too. */
  attempts(): number;
  stop(): Promise<void>;
}

/** A real SMTP server on a free port, which refuses what it is told to. */
export async function openRelay(options: SMTPServerOptions = {}): Promise<TestRelay> {
  const taken: Taken[] = [];
  const failing: { code: number; text: string }[] = [];
  let attempts = 0;
  const server = new SMTPServer({
    disabledCommands: ['STARTTLS', ...(options.onAuth ? [] : ['AUTH'])],
    disableReverseLookup: true,
    onRcptTo({ address }, _session, callback) {
      callback(address.startsWith('nobody@') ? Object.assign(new Error('No such user'), { responseCode: 550 }) : null);
    },
    onMailFrom({ address }, _session, callback) {
      callback(address.startsWith('stranger@') ? Object.assign(new Error('Not you'), { responseCode: 553 }) : null);
    },
    onData(stream, { envelope }, callback) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        attempts++;
        const failure = failing.shift();
        if (failure !== undefined) return callback(Object.assign(new Error(failure.text), { responseCode: failure.code }));
        const from = envelope.mailFrom === false ? '' : envelope.mailFrom.address;
        taken.push({ from, to: envelope.rcptTo.map(({ address }) => address), text: Buffer.concat(chunks).toString('latin1') });
        return callback(null);
      });
    },
    ...options,
  });
  server.on('error', () => {});
  const listening = server.listen(0, '127.0.0.1');
  await once(listening, 'listening');
  const { port } = listening.address() as AddressInfo;
  return {
    url: `smtp://127.0.0.1:${port}`,
    taken,
    failing,
    attempts: () => attempts,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const connection of server.connections) connection.close();
      }),
  };
}
