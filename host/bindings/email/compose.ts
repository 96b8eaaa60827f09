import { concat } from '../../bytes.ts';
import { domainOf, isMailAddress } from '../../mail/address.ts';
import { MailFailure } from '../../mail/failure.ts';
import { headerText, quotedName } from './encode.ts';
import type { WireEnvelope } from './envelope.ts';
import { MAX_ATTACHMENTS, MAX_SENT } from './limits.ts';
import { attachmentPart, multipart, textPart, type Part } from './parts.ts';

interface Mailbox {
  readonly name: string;
  readonly email: string;
}

type Given = Readonly<Record<string, unknown>>;

/** Headers that the builder has keys for, or that are the host's or the relay's. */
const OWN = /^(?:from|to|cc|bcc|reply-to|subject|date|message-id|sender|return-path|received|mime-version|content-.*|dkim-.*|arc-.*)$/i;
const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,76}$/;
const MAX_HEADER = 2_000;

/**
 * A message of the builder's form, as bytes: RFC 5322 and MIME. Nothing that it is given can end a header line.
 *
 * @throws {MailFailure}
 */
export function composed(given: Given): { envelope: WireEnvelope; raw: Uint8Array; messageId: string } {
  const [from, ...others] = mailboxes(given['from'], 'from');
  if (from === undefined) throw missing('from');
  if (others.length > 0) throw invalid('from is one address.');
  const [to, cc, bcc, replyTo] = ['to', 'cc', 'bcc', 'replyTo'].map((key) => mailboxes(given[key], key)) as [
    Mailbox[],
    Mailbox[],
    Mailbox[],
    Mailbox[],
  ];
  if (to.length + cc.length + bcc.length === 0) throw missing('to');
  const subject = textOf(given, 'subject');
  if (subject === undefined) throw missing('subject');
  const messageId = `<${crypto.randomUUID()}@${domainOf(from.email)}>`;
  const body = bodyOf(given);
  const lines = [
    `From: ${shown([from])}`,
    ...(to.length > 0 ? [`To: ${shown(to)}`] : []),
    ...(cc.length > 0 ? [`Cc: ${shown(cc)}`] : []),
    ...(replyTo.length > 0 ? [`Reply-To: ${shown(replyTo)}`] : []),
    `Subject: ${headerText(subject)}`,
    `Date: ${new Date().toUTCString().replace('GMT', '+0000')}`,
    `Message-ID: ${messageId}`,
    ...ownHeaders(given['headers']),
    'MIME-Version: 1.0',
  ];
  const raw = concat([new TextEncoder().encode(`${lines.join('\r\n')}\r\n`), ...body]);
  if (raw.byteLength > MAX_SENT)
    throw new MailFailure('E_CONTENT_TOO_LARGE', `The message has ${raw.byteLength} bytes, and ${MAX_SENT} are the most.`);
  return { envelope: { from: from.email, to: [...to, ...cc, ...bcc].map(({ email }) => email) }, raw, messageId };
}

function bodyOf(given: Given): Part {
  const [text, html] = [textOf(given, 'text'), textOf(given, 'html')];
  if (text === undefined && html === undefined) throw missing('text or html');
  const { attachments = [] } = given as { attachments?: unknown };
  if (!Array.isArray(attachments)) throw invalid('attachments is a list.');
  if (attachments.length > MAX_ATTACHMENTS)
    throw new MailFailure(
      'E_TOO_MANY_ATTACHMENTS',
      `The message has ${attachments.length} attachments, and ${MAX_ATTACHMENTS} are the most.`,
    );
  const files = attachments.map(attachmentPart);
  const inline = files.filter(({ inline: is }) => is).map(({ part }) => part);
  const attached = files.filter(({ inline: is }) => !is).map(({ part }) => part);
  let page = html === undefined ? undefined : textPart('html', html);
  if (inline.length > 0) page = multipart('related', [page ?? textPart('plain', text!), ...inline]);
  const plain = text === undefined || (html === undefined && inline.length > 0) ? undefined : textPart('plain', text);
  const read = plain && page ? multipart('alternative', [plain, page]) : (page ?? plain)!;
  return attached.length > 0 ? multipart('mixed', [read, ...attached]) : read;
}

function mailboxes(value: unknown, key: string): Mailbox[] {
  if (value === undefined || value === null) return [];
  return (Array.isArray(value) ? value : [value]).map((each: unknown): Mailbox => {
    const { name = '', email } = (typeof each === 'string' ? named(each) : Object(each)) as { name?: unknown; email?: unknown };
    if (typeof name !== 'string' || name.length > MAX_HEADER)
      throw invalid(`A name in ${key} is no text of at most ${MAX_HEADER} characters.`);
    if (!isMailAddress(email)) throw invalid(`${key} has ${JSON.stringify(String(email).slice(0, 300))}, which is no address.`);
    return { name, email };
  });
}

/** `Name <address>`, or an address. */
function named(text: string): { readonly name?: string; readonly email: string } {
  const found = /^([^<>]*)<([^<>]*)>\s*$/.exec(text);
  return found ? { name: found[1]!.trim().replaceAll(/^"|"$/g, ''), email: found[2]!.trim() } : { email: text.trim() };
}

function shown(boxes: readonly Mailbox[]): string {
  return boxes.map(({ name, email }) => (name === '' ? email : `${quotedName(name)} <${email}>`)).join(',\r\n ');
}

function ownHeaders(headers: unknown): string[] {
  if (headers === undefined || headers === null) return [];
  if (typeof headers !== 'object') throw invalid('headers is an object of names and values.');
  return Object.entries(headers).map(([name, value]) => {
    if (!NAME.test(name) || OWN.test(name)) throw invalid(`headers has ${JSON.stringify(name.slice(0, 100))}, which cannot be set.`);
    if (typeof value !== 'string' || value.length > MAX_HEADER)
      throw invalid(`The header ${name} is no text of at most ${MAX_HEADER} characters.`);
    return `${name}: ${headerText(value)}`;
  });
}

function textOf(given: Given, key: string): string | undefined {
  const value = given[key];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') throw invalid(`${key} is text.`);
  return value;
}

function missing(key: string): MailFailure {
  return new MailFailure('E_FIELD_MISSING', `The message has no ${key}.`);
}

function invalid(message: string): MailFailure {
  return new MailFailure('E_VALIDATION_ERROR', message);
}
