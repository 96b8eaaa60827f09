import { readBody } from '../gateway/read-body.ts';
import { BrinkError } from '../errors.ts';

/** The body of a request, of at most so many bytes. @throws {BrinkError} `request-too-large` */
export async function boundedBody(request: Request, limit: number): Promise<Uint8Array<ArrayBuffer>> {
  if (Number(request.headers.get('content-length') ?? 0) > limit) {
    await request.body?.cancel();
    throw tooLarge(limit);
  }
  const { bytes, rest } = await readBody(request.body, limit).catch((cause: unknown) => {
    throw new BrinkError('bad-request', 'The body ended before it was whole.', { cause });
  });
  if (rest === null) return bytes;
  await rest.cancel();
  throw tooLarge(limit);
}

export function tooLarge(limit: number): BrinkError {
  return new BrinkError('request-too-large', `What is delivered to a webhook has at most ${limit} bytes, as a message of a queue has.`, {
    details: { limit },
  });
}
