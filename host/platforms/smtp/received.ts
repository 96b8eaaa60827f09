import type { SMTPServerSession } from 'smtp-server';
import { headerFields } from '../../mail/headers.ts';

export interface Receipt {
  /** The host's name. */
  readonly by: string;
  readonly to: string;
  readonly time: Date;
}

/** The trace that a server has to leave. RFC 5321, section 4.4. What a client says of itself gets in only where it is a name. */
export function receivedLine(
  session: Pick<SMTPServerSession, 'hostNameAppearsAs' | 'remoteAddress' | 'transmissionType' | 'id'>,
  { by, to, time }: Receipt,
): Buffer {
  const said = String(session.hostNameAppearsAs);
  const from = /^[\w.:[\]-]{1,255}$/.test(said) ? said : 'unknown';
  const address = session.remoteAddress.includes(':') ? `IPv6:${session.remoteAddress}` : session.remoteAddress;
  const date = time.toUTCString().replace('GMT', '+0000');
  return Buffer.from(
    `Received: from ${from} ([${address}])\r\n by ${by} with ${session.transmissionType} id ${session.id}\r\n for <${to}>; ${date}\r\n`,
  );
}

/** How many hosts say that they had it; none where its head is one that nobody reads. */
export function hopsIn(raw: Uint8Array): number {
  try {
    return headerFields(raw).filter(([name]) => name.toLowerCase() === 'received').length;
  } catch {
    return 0;
  }
}
