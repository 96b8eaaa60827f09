/** Bytes of a value. https://developers.cloudflare.com/kv/platform/limits/ */
export const MAX_VALUE = 25 * 1024 * 1024;
