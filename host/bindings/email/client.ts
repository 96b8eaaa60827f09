import type { EmailSendResult } from '../../../sdk/email.ts';
import { concat } from '../../bytes.ts';
import { MailFailure } from '../../mail/failure.ts';
import { fieldOf, headerFields } from '../../mail/headers.ts';
import type { Call } from '../binding.ts';
import { composed } from './compose.ts';
import { MAX_RECEIVED, MAX_SENT } from './limits.ts';
import type { WireEnvelope } from './envelope.ts';

/** Of the manifest. */
export interface EmailSettings {
  /** The one recipient that there is: a message need not name it. */
  readonly only?: string | undefined;
}

const utf8 = new TextEncoder();

/** `SendEmail` of `sdk/email.ts`, in the cell: what is sent becomes a message of bytes here. */
export class EmailSender {
  readonly #call: Call;
  readonly #settings: EmailSettings;

  constructor(call: Call, settings: EmailSettings) {
    this.#call = call;
    this.#settings = settings;
  }

  async send(message: unknown): Promise<EmailSendResult> {
    if (message === null || typeof message !== 'object')
      throw new MailFailure('E_VALIDATION_ERROR', 'send() takes an EmailMessage, or an object with from, to, subject and text or html.');
    const given = message as Readonly<Record<string, unknown>>;
    const { only } = this.#settings;
    if (!('raw' in given)) {
      const { envelope, raw, messageId } = composed(only !== undefined && given['to'] === undefined ? { ...given, to: only } : given);
      return this.#send(envelope, raw, messageId);
    }
    const raw = await rawBytes(given['raw'], MAX_SENT);
    const { from, to = only } = given;
    const envelope = { from: from as string, to: [to as string] };
    return this.#send(envelope, raw, fieldOf(headerFields(raw), 'message-id') ?? '');
  }

  async #send(envelope: WireEnvelope, raw: Uint8Array, messageId: string): Promise<EmailSendResult> {
    await this.#call('send', [envelope], raw);
    return { messageId };
  }
}

/** The bytes of a message, however they were given. @throws {MailFailure} for more than that, and what is no message */
export async function rawBytes(raw: unknown, most = MAX_RECEIVED): Promise<Uint8Array> {
  if (typeof raw === 'string') return sized(utf8.encode(raw), most);
  if (raw instanceof ArrayBuffer) return sized(new Uint8Array(raw.slice(0)), most);
  if (ArrayBuffer.isView(raw)) return sized(new Uint8Array(raw.buffer, raw.byteOffset, raw.byteLength).slice(), most);
  if (!(raw instanceof ReadableStream))
    throw new MailFailure('E_VALIDATION_ERROR', 'The raw message is neither a string nor a stream of bytes.');
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of raw as unknown as AsyncIterable<unknown>) {
    const bytes = typeof piece === 'string' ? utf8.encode(piece) : (piece as Uint8Array);
    if (!(bytes instanceof Uint8Array))
      throw new MailFailure('E_VALIDATION_ERROR', 'The stream of the message gives something that is no bytes.');
    if ((size += bytes.byteLength) > most) throw tooLarge(most);
    pieces.push(bytes);
  }
  return concat(pieces);
}

function sized(bytes: Uint8Array, most: number): Uint8Array {
  if (bytes.byteLength > most) throw tooLarge(most);
  return bytes;
}

function tooLarge(most: number): MailFailure {
  return new MailFailure('E_CONTENT_TOO_LARGE', `The message has more than ${most} bytes.`);
}
