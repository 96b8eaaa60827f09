/** What becomes of mail that functions send. */
export interface MailOptions {
  /** `smtp://user@host:port` or `smtps://…`. */
  readonly relay?: string | undefined;
  /** Of the user of that URL; never a part of it that is shown. */
  readonly password?: string | undefined;
  /** Whether it is kept where there is no relay. */
  readonly mailbox: boolean;
}

/** Where and how mail is taken. */
export interface SmtpOptions {
  readonly hostname: string;
  /** 0 takes any free one. */
  readonly port: number;
  /** Bytes of a message; 25 MiB by default, and at most. */
  readonly maxSize?: number | undefined;
  /** Recipients of a message; 100 by default (RFC 5321, section 4.5.3.1.8). */
  readonly maxRecipients?: number | undefined;
  /** PEM; with it clients may ask for TLS by STARTTLS. */
  readonly tls?: { readonly cert: string; readonly key: string } | undefined;
}
