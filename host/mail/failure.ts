/**
 * Why mail could not be sent: codes of Cloudflare's, which a function switches on.
 * https://developers.cloudflare.com/email-service/api/send-emails/workers-api/
 */
export type MailCode =
  | 'E_VALIDATION_ERROR'
  | 'E_FIELD_MISSING'
  | 'E_TOO_MANY_RECIPIENTS'
  | 'E_TOO_MANY_ATTACHMENTS'
  | 'E_CONTENT_TOO_LARGE'
  /** The relay, or the binding, does not take the sender. */
  | 'E_SENDER_NOT_VERIFIED'
  /** The host has nothing to send by. */
  | 'E_SENDER_DOMAIN_NOT_AVAILABLE'
  /** The relay, or the binding, does not take the recipient. */
  | 'E_RECIPIENT_NOT_ALLOWED'
  /** The relay has refused the message for good. */
  | 'E_DELIVERY_FAILED'
  /** The only one that is worth another try: the relay cannot be reached, or is not able to take it now. */
  | 'E_INTERNAL_SERVER_ERROR';

const CODES: ReadonlySet<unknown> = new Set<MailCode>([
  'E_VALIDATION_ERROR',
  'E_FIELD_MISSING',
  'E_TOO_MANY_RECIPIENTS',
  'E_TOO_MANY_ATTACHMENTS',
  'E_CONTENT_TOO_LARGE',
  'E_SENDER_NOT_VERIFIED',
  'E_SENDER_DOMAIN_NOT_AVAILABLE',
  'E_RECIPIENT_NOT_ALLOWED',
  'E_DELIVERY_FAILED',
  'E_INTERNAL_SERVER_ERROR',
]);

export class MailFailure extends Error {
  readonly code: MailCode;

  constructor(code: MailCode, message: string) {
    super(message);
    this.name = 'EmailError';
    this.code = code;
  }
}

export function isMailCode(code: unknown): code is MailCode {
  return CODES.has(code);
}
