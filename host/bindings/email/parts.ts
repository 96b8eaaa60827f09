import { MailFailure } from '../../mail/failure.ts';
import { encodedText, foldedBase64 } from './encode.ts';

/** A part of a message: its headers, an empty line, its body. */
export type Part = readonly Uint8Array[];

const utf8 = new TextEncoder();
const TYPE = /^[\w!#$&^.+-]{1,64}\/[\w!#$&^.+-]{1,64}(?:; ?[\w-]{1,32}=[\w."+/-]{1,64}){0,4}$/;
const ID = /^[^\s<>@"(),:;\\[\]]{1,128}(?:@[^\s<>@"(),:;\\[\]]{1,128})?$/;
const MAX_NAME = 255;

export function textPart(subtype: 'plain' | 'html', text: string): Part {
  const lines = text.toWellFormed().replaceAll(/\r\n|\r|\n/g, '\r\n');
  return part([`Content-Type: text/${subtype}; charset=utf-8`, 'Content-Transfer-Encoding: base64'], foldedBase64(utf8.encode(lines)));
}

/** An attachment of the builder's form. @throws {MailFailure} */
export function attachmentPart(given: unknown): { readonly part: Part; readonly inline: boolean } {
  const { content, filename, type, disposition = 'attachment', contentId } = Object(given) as Readonly<Record<string, unknown>>;
  if (typeof filename !== 'string' || filename === '' || filename.length > MAX_NAME)
    throw invalid(`The filename of an attachment is text of 1 to ${MAX_NAME} characters.`);
  if (typeof type !== 'string' || !TYPE.test(type)) throw invalid(`The type of ${JSON.stringify(filename)} is no media type.`);
  if (disposition !== 'attachment' && disposition !== 'inline')
    throw invalid(`The disposition of ${JSON.stringify(filename)} is "attachment" or "inline".`);
  if (contentId !== undefined && (typeof contentId !== 'string' || !ID.test(contentId)))
    throw invalid(`The contentId of ${JSON.stringify(filename)} is none.`);
  const name = encodedText(filename);
  const headers = [
    `Content-Type: ${type};\r\n name="${name}"`,
    'Content-Transfer-Encoding: base64',
    `Content-Disposition: ${disposition};\r\n filename*=UTF-8''${percent(filename)}`,
    ...(contentId === undefined ? [] : [`Content-ID: <${contentId}>`]),
  ];
  return { part: part(headers, foldedBase64(contentOf(content, filename))), inline: disposition === 'inline' };
}

/** The boundary is random: nothing that is in a part has it. */
export function multipart(subtype: 'alternative' | 'mixed' | 'related', parts: readonly Part[]): Part {
  const boundary = `=_${crypto.randomUUID()}`;
  const between = parts.flatMap((each) => [utf8.encode(`\r\n--${boundary}\r\n`), ...each]);
  return [
    utf8.encode(`Content-Type: multipart/${subtype}; boundary="${boundary}"\r\n`),
    ...between,
    utf8.encode(`\r\n--${boundary}--\r\n`),
  ];
}

function part(headers: readonly string[], body: string): Part {
  return [utf8.encode(`${headers.join('\r\n')}\r\n\r\n${body}\r\n`)];
}

/** A string is Base64, as Cloudflare has it. */
function contentOf(content: unknown, filename: string): Uint8Array {
  if (content instanceof ArrayBuffer) return new Uint8Array(content);
  if (ArrayBuffer.isView(content)) return new Uint8Array(content.buffer, content.byteOffset, content.byteLength);
  try {
    if (typeof content === 'string') return Uint8Array.from(atob(content), (character) => character.charCodeAt(0));
  } catch {
    // As anything else that is no content.
  }
  throw invalid(`The content of ${JSON.stringify(filename)} is neither bytes nor text in Base64.`);
}

/** RFC 8187, section 3.2.1. */
function percent(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replaceAll(
    /['()*!]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function invalid(message: string): MailFailure {
  return new MailFailure('E_VALIDATION_ERROR', message);
}
