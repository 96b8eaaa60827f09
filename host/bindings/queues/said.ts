/** What a handler says of a message: that it is done; that it is to be retried after the queue's delay; or, 0 and more, after so many seconds. */
export const ACK = -1;
export const RETRY = -2;

/** Seconds that a message can be put off. https://developers.cloudflare.com/queues/platform/limits/ */
export const MAX_DELAY = 86_400;

/** Takes each word of a handler: the message's place in the batch, and a code from above. */
export type Say = (index: number, code: number) => void;

/** What is to become of each of `count` messages; undefined where nothing was said. What a hostile cell says of others is passed over. */
export function wordsOn(count: number, said: readonly number[]): (number | undefined)[] {
  const words = Array.from<number | undefined>({ length: count });
  for (let at = 0; at + 1 < said.length; at += 2) {
    const [index, code] = [said[at]!, said[at + 1]!];
    if (index < count && words[index] === undefined) words[index] = code;
  }
  return words;
}

/** Whether these are places and codes, each with each. */
export function isSaid(value: unknown): value is readonly number[] {
  if (!Array.isArray(value) || value.length % 2 === 1 || value.length > 2_000) return false;
  return value.every((each, at) => Number.isSafeInteger(each) && (at % 2 === 0 ? each >= 0 : each >= RETRY && each <= MAX_DELAY));
}
