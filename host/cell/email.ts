import { rawBytes } from '../bindings/email/client.ts';
import type { Call } from '../bindings/binding.ts';
import { concat } from '../bytes.ts';
import type { EmailEvent } from '../dispatch/cell.ts';
import { domainOf, normalAddress } from '../mail/address.ts';
import { MailFailure } from '../mail/failure.ts';
import { fieldOf, headerFields } from '../mail/headers.ts';
import type { EmailMessage, ForwardableEmailMessage } from '../../sdk/email.ts';

/** Characters of a reason: an SMTP answer is a line of 512. */
const MAX_REASON = 400;
/** An answer to an answer to an answer… Cloudflare's. */
const MAX_REFERENCES = 100;

/** `ForwardableEmailMessage`, and what its handler wants of it. */
export function incomingEmail({ from, to, raw }: EmailEvent, call: Call) {
  const fields = headerFields(raw);
  const headers = new Headers();
  for (const [name, value] of fields) headers.append(name, value);
  let rejected: string | null = null;
  let replied = false;
  const message: ForwardableEmailMessage = {
    from,
    to,
    headers,
    raw: streamOf(raw),
    rawSize: raw.byteLength,
    canBeForwarded: true,
    setReject(reason) {
      rejected = oneLine(String(reason)).slice(0, MAX_REASON) || 'The message was refused.';
    },
    async forward(recipient, more) {
      await call('send', [{ from, to: [recipient] }], concat([extraLines(more), raw]));
    },
    async reply(answer) {
      if (replied) throw invalid('A message can be answered once.');
      const bytes = await rawBytes((answer as EmailMessage & { readonly raw?: unknown }).raw);
      checkReply(answer, bytes);
      replied = true;
      await call('send', [{ from: answer.from, to: [answer.to] }], bytes).catch((error: unknown) => {
        replied = false;
        throw error;
      });
    },
  };

  /** Who answers a machine, or as another, makes loops and enemies. RFC 3834. */
  function checkReply(answer: EmailMessage, bytes: Uint8Array): void {
    if (from === '') throw invalid('The message has no sender who could be answered.');
    if (normalAddress(String(answer.to)) !== normalAddress(from)) throw invalid(`An answer goes to the sender of the message, ${from}.`);
    if (domainOf(String(answer.from)) !== domainOf(to))
      throw new MailFailure(
        'E_SENDER_NOT_VERIFIED',
        `An answer comes from an address of the domain that the message came to, ${domainOf(to)}.`,
      );
    const id = fieldOf(fields, 'message-id');
    const own = headerFields(bytes);
    if (id === undefined || fieldOf(own, 'in-reply-to') !== id)
      throw invalid("An answer has the header In-Reply-To, with the message's Message-ID.");
    if ((fieldOf(fields, 'references') ?? '').split(/\s+/).length > MAX_REFERENCES)
      throw invalid(`The message has more than ${MAX_REFERENCES} References: it is not answered.`);
  }

  return { message, rejected: () => rejected };
}

/** Only `X-` headers: others could say what is not so, to those who trust this host. */
function extraLines(headers: Headers | undefined): Uint8Array {
  const lines = Array.from(headers === undefined ? [] : new Headers(headers), ([name, value]) => {
    if (!name.startsWith('x-')) throw invalid(`A message that is forwarded gets X- headers alone, and not ${name}.`);
    return `${name}: ${value}\r\n`;
  });
  return Uint8Array.from(lines.join(''), (character) => character.charCodeAt(0));
}

function streamOf(bytes: Uint8Array): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream({
    type: 'bytes',
    start(controller) {
      if (bytes.byteLength > 0) controller.enqueue(bytes.slice());
      controller.close();
    },
  });
}

function oneLine(text: string): string {
  // oxlint-disable-next-line no-control-regex -- those are what must not be there
  return text.replaceAll(/[\u0000-\u001f\u007f]+/g, ' ').trim();
}

function invalid(message: string): MailFailure {
  return new MailFailure('E_VALIDATION_ERROR', message);
}
