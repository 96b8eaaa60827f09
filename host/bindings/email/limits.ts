/** Cloudflare's. https://developers.cloudflare.com/email-service/platform/limits/ */
export const MAX_RECIPIENTS = 50;
export const MAX_ATTACHMENTS = 32;
/** Bytes of a message that a function sends. */
export const MAX_SENT = 5 * 1024 * 1024;
/** Bytes of a message that comes in, and so of one that is forwarded. */
export const MAX_RECEIVED = 25 * 1024 * 1024;
