import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { hostname as machine } from 'node:os';
import { SMTPServer, type SMTPServerSession } from 'smtp-server';
import { createAdminClient } from '../../admin/client.ts';
import { BrinkError } from '../../errors.ts';
import { isMailAddress } from '../../mail/address.ts';
import type { SmtpOptions } from '../mail-options.ts';
import { answerOf, SmtpAnswer, smtpAnswer } from './answers.ts';
import { Intake } from './intake.ts';
import { hopsIn, receivedLine } from './received.ts';

/** The host that functions run in. */
export interface SmtpHost {
  readonly url: string;
  readonly token: string;
  /** How it is asked, where that takes more than its URL. */
  readonly fetch?: (request: Request) => Promise<Response>;
}

export interface SmtpDoor {
  /** `smtp://127.0.0.1:2525` */
  readonly url: string;
  /** Takes no more, and lets what is with a function come to its end, for so many ms. */
  stop(within: number): Promise<void>;
}

/** Cloudflare's. https://developers.cloudflare.com/email-service/platform/limits/ */
export const MAX_SIZE = 25 * 1024 * 1024;
/** The least that a server has to take. RFC 5321, section 4.5.3.1.8. */
export const MAX_RECIPIENTS = 100;
const MAX_CLIENTS = 100;
/** Ms without a word. RFC 5321, section 4.5.3.2, would have five minutes, which are many for who says nothing. */
const SILENCE = 60_000;
/** What passed so many hosts goes in a circle. RFC 5321, section 6.3. */
const MAX_HOPS = 100;

/**
 * Listens for mail, and hands each message to the functions that take it. The answer says what became of it: 250 is given
 * when every handler has come to its end, so nothing is kept here, and what is lost with the host is sent again.
 *
 * @throws {BrinkError} `port-in-use`, `address-unavailable`
 */
export async function listenSmtp(options: SmtpOptions | undefined, host: SmtpHost): Promise<SmtpDoor | null> {
  if (options === undefined) return null;
  const { hostname, port, maxSize = MAX_SIZE, maxRecipients = MAX_RECIPIENTS, tls } = options;
  const client = createAdminClient(host);
  const name = machine();
  const underWay = new Set<Promise<void>>();
  let stopping = false;

  const server = new SMTPServer({
    name,
    banner: 'Brink',
    size: maxSize,
    maxRecipients,
    maxClients: MAX_CLIENTS,
    socketTimeout: SILENCE,
    disableReverseLookup: true,
    // Nobody logs in; and the library has a certificate of its own for tests, which nobody could trust.
    disabledCommands: tls === undefined ? ['AUTH', 'STARTTLS'] : ['AUTH'],
    ...(tls && { cert: tls.cert, key: tls.key }),
    // Ours are in the answers.
    hideENHANCEDSTATUSCODES: true,
    hideDSN: true,
    onMailFrom({ address }, _session, callback) {
      if (stopping) return callback(new SmtpAnswer(421, '4.3.2 This host stops. Try again later.'));
      return callback(
        address === '' || isMailAddress(address) ? null : new SmtpAnswer(553, '5.1.7 The sender is no address that is taken here.'),
      );
    },
    onRcptTo({ address }, _session, callback) {
      if (!isMailAddress(address)) return callback(new SmtpAnswer(553, '5.1.3 The recipient is no address that is taken here.'));
      client.address(address).then(
        () => callback(null),
        (error: unknown) => callback(answerOf(error)),
      );
    },
    onData(stream, session, callback) {
      const intake = new Intake(stream, maxSize);
      const work = intake.bytes
        .then((raw) => take(raw, session))
        .then(
          () => callback(null, '2.0.0 Taken'),
          (error: unknown) => callback(error instanceof SmtpAnswer ? error : answerOf(error)),
        )
        .finally(() => {
          intake.release();
          underWay.delete(work);
        });
      underWay.add(work);
    },
  });
  // A client that breaks off, or speaks no SMTP.
  server.on('error', () => {});

  async function take(raw: Buffer, session: SMTPServerSession): Promise<void> {
    if (hopsIn(raw) > MAX_HOPS) throw new SmtpAnswer(554, '5.4.6 The message goes in a circle.');
    const { mailFrom, rcptTo } = session.envelope;
    const from = mailFrom === false ? '' : mailFrom.address;
    const outcomes = await Promise.all(
      rcptTo.map(async ({ address: to }) => {
        const whole = Buffer.concat([receivedLine(session, { by: name, to, time: new Date() }), raw]);
        return client.receive({ from, to, raw: new Uint8Array(whole.buffer, whole.byteOffset, whole.byteLength) }).then(
          ({ rejected }) => ({ to, rejected }),
          (error: unknown) => ({ to, error }),
        );
      }),
    );
    const answer = smtpAnswer(outcomes);
    if (answer !== null) throw answer;
  }

  const listening = server.listen({ port, host: hostname });
  await once(listening, 'listening').catch((cause: NodeJS.ErrnoException) => {
    throw cannotListen(cause, { hostname, port });
  });
  listening.on('error', () => {});
  const { port: taken } = listening.address() as AddressInfo;
  return {
    url: `smtp://${hostname.includes(':') ? `[${hostname}]` : hostname}:${taken}`,
    async stop(within) {
      stopping = true;
      const closed = new Promise<void>((resolve) => server.close(resolve));
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, within)));
      await Promise.race([Promise.all(underWay), late]);
      clearTimeout(timer);
      for (const connection of server.connections) {
        connection.send(421, '4.3.2 This host stops. Try again later.');
        connection.close();
      }
      await closed;
    },
  };
}

function cannotListen(cause: NodeJS.ErrnoException, { hostname, port }: { hostname: string; port: number }): BrinkError {
  if (cause.code === 'EADDRINUSE')
    return new BrinkError(
      'port-in-use',
      `Port ${port} of ${hostname} is taken. Choose another with \`--smtp-port\`; 0 takes any free one.`,
      {
        cause,
        details: { port },
      },
    );
  return new BrinkError('address-unavailable', `Cannot listen for mail at ${hostname}, port ${port}: ${cause.code ?? cause.message}.`, {
    cause,
  });
}
