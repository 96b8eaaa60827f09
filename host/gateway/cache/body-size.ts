import type { CacheRule } from '../../registry/gateway/cache.ts';
import { valueIn } from '../header-lines.ts';
import type { Whole } from './messages.ts';
import type { ResponseHead } from './terms.ts';

const utf8 = new TextEncoder();

/** Whether a body has more bytes than are kept, as far as that is known. @param whole undefined where it comes as a stream */
export function tooLarge({ status, lines }: ResponseHead, whole: Whole | undefined, { max_size_kb }: CacheRule): boolean {
  const most = max_size_kb * 1024;
  if (whole instanceof Uint8Array) return whole.byteLength > most;
  if (typeof whole === 'string') return whole.length > most || (whole.length * 3 > most && utf8.encode(whole).byteLength > most);
  return status !== 204 && Number(valueIn(lines, 'content-length') ?? 0) > most;
}

export function bytesOf(whole: Whole): Uint8Array<ArrayBuffer> {
  return typeof whole === 'string' ? utf8.encode(whole) : (whole ?? new Uint8Array());
}
