import { isMailCode, MailFailure } from '../../mail/failure.ts';
import { ENVELOPE, type Relay } from '../../mail/outgoing.ts';

/** What takes mail to the process that started the runtime, as `host/platforms/smtp/relay-door.ts` does. */
export interface MailDoor {
  fetch(url: string, init: RequestInit): Promise<Response>;
}

/** A `send_email` binding of the host Worker. */
export interface PlatformMail {
  send(message: unknown): Promise<unknown>;
}

/** null where there is no relay. */
export function relayBy({
  BRINK_RELAY: door,
  BRINK_EMAIL: platform,
}: {
  readonly BRINK_RELAY?: MailDoor;
  readonly BRINK_EMAIL?: PlatformMail;
}): Relay | null {
  if (door !== undefined) return byDoor(door);
  return platform === undefined ? null : byPlatform(platform);
}

function byDoor(door: MailDoor): Relay {
  return {
    async send({ from, to, raw }) {
      const headers = { [ENVELOPE]: encodeURIComponent(JSON.stringify({ from, to })) };
      const response = await door.fetch('http://relay/', { method: 'POST', headers, body: raw as Uint8Array<ArrayBuffer> });
      if (response.ok) return;
      const { code, message } = (await response.json()) as { code: unknown; message: unknown };
      throw new MailFailure(isMailCode(code) ? code : 'E_INTERNAL_SERVER_ERROR', String(message));
    },
  };
}

/** Cloudflare sends to one recipient at a time. */
function byPlatform(platform: PlatformMail): Relay {
  return {
    async send({ from, to, raw }) {
      const { EmailMessage } = await import('cloudflare:email');
      for (const recipient of to) {
        try {
          await platform.send(new EmailMessage(from, recipient, new Blob([raw as Uint8Array<ArrayBuffer>]).stream()));
        } catch (error) {
          const { code, message } = error as { code?: unknown; message?: unknown };
          throw new MailFailure(isMailCode(code) ? code : 'E_INTERNAL_SERVER_ERROR', String(message));
        }
      }
    },
  };
}
