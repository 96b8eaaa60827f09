/**
 * Sends mail; bound by `send_email` of the manifest and found as `env.NAME`. The API is that of Workers,
 * https://developers.cloudflare.com/email-service/api/send-emails/workers-api/.
 *
 * ```toml
 * [[send_email]]
 * name = "EMAIL"
 * allowed_sender_addresses = ["noreply@example.com"]
 * ```
 *
 * A host sends by its relay (`--smtp-relay`); one without keeps what is sent in its mailbox (`brink mail list`), where it
 * was started with that, as `brink dev` is.
 *
 * **Errors** have a `code`. `E_INTERNAL_SERVER_ERROR` is the one that is worth another try: the relay cannot be reached, or
 * cannot take it now. For good are `E_SENDER_NOT_VERIFIED` and `E_RECIPIENT_NOT_ALLOWED` (by the binding, or by the relay),
 * `E_DELIVERY_FAILED` (the relay refused the message), `E_CONTENT_TOO_LARGE` (more than 5 MiB), `E_TOO_MANY_RECIPIENTS`
 * (more than 50), `E_TOO_MANY_ATTACHMENTS` (more than 32), `E_FIELD_MISSING`, `E_VALIDATION_ERROR`, and
 * `E_SENDER_DOMAIN_NOT_AVAILABLE`, where the host has neither relay nor mailbox.
 *
 * @example
 * ```ts
 * await env.EMAIL.send({ from: 'noreply@example.com', to: 'ada@example.com', subject: 'Hello', text: 'Hello, Ada' });
 * ```
 */
export interface SendEmail {
  /**
   * Resolves once the relay has taken the message, for all of its recipients. One that was refused for some of them is
   * refused for all: the error says so, though others may have it.
   *
   * @throws {Error} with a `code`, as above
   */
  send(message: EmailMessage | EmailMessageBuilder): Promise<EmailSendResult>;
}

/** What `new EmailMessage(from, to, raw)` of `cloudflare:email` makes. */
export interface EmailMessage {
  /** The sender, which the `From` header has to say as well. */
  readonly from: string;
  readonly to: string;
}

/** A message that is put together by the binding. */
export interface EmailMessageBuilder {
  readonly from: string | EmailAddress;
  /** At most 50, those of `cc` and `bcc` among them. */
  readonly to?: string | EmailAddress | readonly (string | EmailAddress)[];
  readonly cc?: string | EmailAddress | readonly (string | EmailAddress)[];
  readonly bcc?: string | EmailAddress | readonly (string | EmailAddress)[];
  readonly replyTo?: string | EmailAddress;
  readonly subject: string;
  /** One of `text` and `html` has to be there. */
  readonly text?: string;
  readonly html?: string;
  readonly attachments?: readonly EmailAttachment[];
  /** More of them, such as `List-Unsubscribe`; not those that other keys stand for. */
  readonly headers?: Readonly<Record<string, string>>;
}

export interface EmailAddress {
  readonly email: string;
  readonly name?: string;
}

export interface EmailAttachment {
  /** Bytes, or text in Base64. */
  readonly content: string | ArrayBuffer | ArrayBufferView;
  readonly filename: string;
  /** A media type. */
  readonly type: string;
  readonly disposition?: 'attachment' | 'inline';
  /** By which HTML names it, as `cid:ID`. */
  readonly contentId?: string;
}

export interface EmailSendResult {
  /** The `Message-ID` of the message. */
  readonly messageId: string;
}

/**
 * A message that came in. https://developers.cloudflare.com/email-service/api/route-emails/email-handler/
 */
export interface ForwardableEmailMessage {
  /** The envelope's sender; empty for a notice of a failure. */
  readonly from: string;
  /** The recipient whose copy this is. */
  readonly to: string;
  /** The headers: folded lines are one, and bytes beyond ASCII are characters of the same number. */
  readonly headers: Headers;
  /** The whole message. It can be read once. */
  readonly raw: ReadableStream<Uint8Array>;
  /** Bytes of it: 25 MiB at most. */
  readonly rawSize: number;
  /** True here. */
  readonly canBeForwarded: boolean;
  /** Has the sender told that the message is refused, and why: over SMTP with 550, when the handler has come to its end. */
  setReject(reason: string): void;
  /**
   * Sends the message on as it is, by the host's relay.
   *
   * @param headers `X-` headers that are put before its own
   * @throws {Error} with a code, as `SendEmail.send`
   */
  forward(recipient: string, headers?: Headers): Promise<void>;
  /**
   * Answers the sender, once. The message is from an address of the domain that this one came to, to its sender, and has its
   * `Message-ID` as `In-Reply-To`.
   *
   * @throws {Error} with a code, as `SendEmail.send`
   */
  reply(message: EmailMessage): Promise<void>;
}
