import { MAX_KEPT, type Mailbox } from '../../host/mail/mailbox.ts';
import type { SentMail, TestMail } from './types.ts';

export function rawMail(raw: TestMail['raw']): Uint8Array {
  return typeof raw === 'string' ? new TextEncoder().encode(raw.replaceAll(/\r?\n/g, '\r\n')) : new Uint8Array(raw);
}

/** What a function has sent, the oldest first. */
export async function sentMails(mailbox: Mailbox): Promise<SentMail[]> {
  const kept = (await mailbox.list(MAX_KEPT)).toReversed();
  return Promise.all(
    kept.map(async ({ id, from, to, subject }) => ({ from, to, subject, raw: new TextDecoder().decode((await mailbox.get(id))!.raw) })),
  );
}
