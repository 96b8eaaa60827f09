import { MailFailure } from './failure.ts';
import type { Mailbox } from './mailbox.ts';

/** A message on its way out. */
export interface OutgoingMail {
  /** The envelope's: where a failure is told. Empty where it is to be told to nobody. */
  readonly from: string;
  readonly to: readonly string[];
  readonly raw: Uint8Array;
}

/** What takes mail out of this host. */
export interface Relay {
  /** Resolves once the relay has taken it. @throws {MailFailure} */
  send(mail: OutgoingMail): Promise<void>;
}

/** What a host does with mail of its functions. */
export interface OutgoingOptions {
  readonly relay: Relay | null;
  /** Takes what no relay does; null where that is an error. */
  readonly mailbox: Mailbox | null;
}

/** The envelope beside a message that goes from one process of a host to another: its JSON, as URLs have it. */
export const ENVELOPE = 'brink-envelope';

/** Sends mail of a function. @throws {MailFailure} */
export type SendMail = (owner: string, mail: OutgoingMail) => Promise<void>;

export function createOutgoing({ relay, mailbox }: OutgoingOptions): SendMail {
  return async (owner, mail) => {
    if (relay !== null) return relay.send(mail);
    if (mailbox !== null) return mailbox.keep(owner, mail);
    throw new MailFailure(
      'E_SENDER_DOMAIN_NOT_AVAILABLE',
      'This host has nothing to send mail by. Start it with `--smtp-relay smtp://host:port`, or with `--mailbox` to keep what functions send.',
    );
  };
}
