import { isMailAddress, normalAddress } from '../../mail/address.ts';
import { MailFailure } from '../../mail/failure.ts';
import { addressIn, fieldOf, headerFields } from '../../mail/headers.ts';
import type { SendMail } from '../../mail/outgoing.ts';
import { BindingError } from '../binding-error.ts';
import type { Body, Methods } from '../binding.ts';
import type { MailRules } from './envelope.ts';
import { MAX_RECEIVED, MAX_RECIPIENTS, MAX_SENT } from './limits.ts';

/**
 * What sends mail, as its clients call it. One method, `send`, with `{ from, to }` and the bytes of the message; it gives
 * nothing. What it throws has a code of `MailCode`.
 */
export function createMailMethods(rules: MailRules, mail: SendMail): Methods {
  return {
    async send([envelope], body) {
      try {
        const { from, to } = envelopeOf(envelope, rules);
        await mail(rules.function, { from, to, raw: messageOf(body, from, rules) });
        return { value: null };
      } catch (error) {
        if (error instanceof MailFailure) throw new BindingError(error.message, { code: error.code });
        throw error;
      }
    },
  };
}

function envelopeOf(envelope: unknown, rules: MailRules): { from: string; to: readonly string[] } {
  const { from, to } = Object(envelope) as { from?: unknown; to?: unknown };
  if (!(isMailAddress(from) || (from === '' && rules.received))) throw invalid(`The sender ${shown(from)} is no address.`);
  if (!Array.isArray(to) || to.length === 0) throw new MailFailure('E_FIELD_MISSING', 'The message has no recipient.');
  if (to.length > MAX_RECIPIENTS)
    throw new MailFailure('E_TOO_MANY_RECIPIENTS', `The message has ${to.length} recipients, and ${MAX_RECIPIENTS} are the most.`);
  const wrong: unknown = to.find((each) => !isMailAddress(each));
  if (wrong !== undefined) throw invalid(`The recipient ${shown(wrong)} is no address.`);
  const recipients = to as string[];
  if (rules.from !== undefined && !has(rules.from, from))
    throw new MailFailure('E_SENDER_NOT_VERIFIED', `The binding does not send as ${from}: it is not in its allowed_sender_addresses.`);
  const refused = rules.to === undefined ? undefined : recipients.find((each) => !has(rules.to!, each));
  if (refused !== undefined)
    throw new MailFailure(
      'E_RECIPIENT_NOT_ALLOWED',
      `The binding does not send to ${refused}: it is not among the addresses of its send_email table.`,
    );
  return { from, to: recipients };
}

function messageOf(body: Body, from: string, { received }: MailRules): Uint8Array {
  if (!(body instanceof Uint8Array)) throw invalid('A message comes as bytes.');
  const most = received ? MAX_RECEIVED : MAX_SENT;
  if (body.byteLength > most)
    throw new MailFailure('E_CONTENT_TOO_LARGE', `The message has ${body.byteLength} bytes, and ${most} are the most.`);
  const fields = headerFields(body);
  if (received) return body;
  if (fieldOf(fields, 'message-id') === undefined) throw invalid('The message has no Message-ID header.');
  const author = fieldOf(fields, 'from');
  if (author === undefined) throw invalid('The message has no From header.');
  // A binding that may send as one alone would else show another.
  if (normalAddress(addressIn(author) ?? '') !== normalAddress(from))
    throw invalid(`The From header of the message does not say ${from}, which its sender is.`);
  return body;
}

function has(allowed: readonly string[], address: string): boolean {
  return allowed.some((each) => normalAddress(each) === normalAddress(address));
}

function shown(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value.slice(0, 300)) : `of type ${typeof value}`;
}

function invalid(message: string): MailFailure {
  return new MailFailure('E_VALIDATION_ERROR', message);
}
