import { BrinkError } from '../../errors.ts';
import { BadInput } from './bad-input.ts';

/** What a call's body may have, as a message of gRPC by default: it is in memory as a whole. */
export const MOST_BYTES = 4 * 1024 * 1024;

const JSON_TYPE = /^application\/(?:json|[\w.!#$&^+-]+\+json)[\t ]*(?:;|$)/i;

const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * The JSON of a request; an object without members where there is no body.
 *
 * @throws {BrinkError} `request-too-large`, `call-unsupported`
 * @throws {BadInput} where it is no JSON
 */
export async function readJson(request: Request): Promise<unknown> {
  const bytes = await bytesOf(request);
  if (bytes.byteLength === 0) return {};
  const type = request.headers.get('content-type');
  // A page of another origin may send anything else without asking first (Fetch, "CORS-safelisted request-header").
  if (type === null || !JSON_TYPE.test(type))
    throw new BrinkError(
      'call-unsupported',
      `The parameters of a call come with content-type: application/json; this one has ${type ?? 'none'}.`,
    );
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch {
    throw new BadInput('the body is not UTF-8');
  }
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new BadInput(`the body is no JSON: ${(error as Error).message}`);
  }
}

async function bytesOf(request: Request): Promise<Uint8Array<ArrayBuffer>> {
  const length = request.headers.get('content-length');
  if (length !== null && Number(length) > MOST_BYTES) throw tooLarge();
  if (length !== null || request.body === null) return new Uint8Array(await request.arrayBuffer());
  return new Uint8Array(await new Response(counted(request.body)).arrayBuffer());
}

function counted(body: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
  let size = 0;
  return body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        size += chunk.byteLength;
        if (size > MOST_BYTES) throw tooLarge();
        controller.enqueue(chunk);
      },
    }),
  );
}

function tooLarge(): BrinkError {
  return new BrinkError('request-too-large', `The parameters of a call may have ${MOST_BYTES} bytes.`);
}
