import { createTransport } from 'nodemailer';
import { BrinkError } from '../../errors.ts';
import { MailFailure, type MailCode } from '../../mail/failure.ts';
import type { Relay } from '../../mail/outgoing.ts';
import type { MailOptions } from '../mail-options.ts';

/** A relay with its connections. */
export interface RunningRelay extends Relay {
  close(): void;
}

/** In ms: a function waits meanwhile. */
const CONNECT = 10_000;
const SILENCE = 20_000;
/** More than that wait for each other. */
const CONNECTIONS = 5;

/** null where there is none. @throws {BrinkError} `bad-request` for a URL that is none of SMTP */
export function relayOf({ relay, password }: Partial<MailOptions> = {}): RunningRelay | null {
  if (relay === undefined) return null;
  const url = relayUrl(relay);
  const user = decodeURIComponent(url.username);
  const pass = password ?? decodeURIComponent(url.password);
  const transport = createTransport({
    pool: true,
    maxConnections: CONNECTIONS,
    host: url.hostname.replaceAll(/^\[|\]$/g, ''),
    port: url.port === '' ? (url.protocol === 'smtps:' ? 465 : 25) : Number(url.port),
    secure: url.protocol === 'smtps:',
    // What a user has to say is said to nobody who listens: where there is no TLS, there is no login.
    requireTLS: user !== '' && url.protocol === 'smtp:' && !isLoopback(url.hostname),
    ...(user !== '' && { auth: { user, pass } }),
    connectionTimeout: CONNECT,
    greetingTimeout: CONNECT,
    socketTimeout: SILENCE,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return {
    async send({ from, to, raw }) {
      const sent = await transport
        .sendMail({ envelope: { from, to: [...to] }, raw: Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength) })
        .catch((error: unknown) => {
          throw failureOf(error as SmtpError);
        });
      const [refused] = sent.rejectedErrors ?? [];
      if (refused !== undefined) throw failureOf(refused as SmtpError);
    },
    close: () => transport.close(),
  };
}

/** What nodemailer tells of an error. */
interface SmtpError {
  readonly code?: string;
  readonly command?: string;
  /** The relay's answer, and its code. */
  readonly response?: string;
  readonly responseCode?: number;
}

/** What a function is told: the relay's answer, and neither where it is nor who logs in there. */
function failureOf({ code, command = '', response, responseCode = 0 }: SmtpError): MailFailure {
  if (code === 'EAUTH' || code === 'ENOAUTH' || code === 'EOAUTH2')
    return new MailFailure(
      'E_INTERNAL_SERVER_ERROR',
      'The relay does not take the login of this host. Its operator has to look at it; try again later.',
    );
  if (code === 'ETLS')
    return new MailFailure('E_INTERNAL_SERVER_ERROR', 'The relay offers no TLS that this host could trust. Try again later.');
  const answer = response === undefined ? '' : `: ${oneLine(response)}`;
  // RFC 5321, section 4.2.1: what begins with 5 is for good; 503 speaks of the connection.
  if (responseCode >= 500 && responseCode !== 503)
    return new MailFailure(permanent(command, responseCode), `The relay has refused the message${answer}`);
  if (responseCode >= 400) return new MailFailure('E_INTERNAL_SERVER_ERROR', `The relay cannot take the message now${answer}`);
  return new MailFailure('E_INTERNAL_SERVER_ERROR', `The relay cannot be reached now (${code ?? 'no connection'}). Try again later.`);
}

function permanent(command: string, responseCode: number): MailCode {
  if (responseCode === 552) return 'E_CONTENT_TOO_LARGE';
  if (command.startsWith('MAIL')) return 'E_SENDER_NOT_VERIFIED';
  return command.startsWith('RCPT') ? 'E_RECIPIENT_NOT_ALLOWED' : 'E_DELIVERY_FAILED';
}

function relayUrl(text: string): URL {
  const url = URL.parse(text);
  if (url !== null && (url.protocol === 'smtp:' || url.protocol === 'smtps:') && url.hostname !== '') return url;
  // What stands there may have a password in it.
  throw new BrinkError('bad-request', 'The relay is no URL of SMTP. Write smtp://user@host:port, or smtps:// where TLS comes first.');
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.');
}

function oneLine(text: string): string {
  // oxlint-disable-next-line no-control-regex -- those are what must not be there
  return text.replaceAll(/[\u0000-\u001f\u007f]+/g, ' ').slice(0, 500);
}
