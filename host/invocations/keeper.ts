import { BrinkError, toBrinkError, type Code } from '../errors.ts';
import type { Keeper, KeptCall } from '../dispatch/kept-call.ts';
import { asksForLater } from '../gateway/prefer.ts';
import { problemResponse } from '../gateway/problem.ts';
import { keptOf, readBody } from './body.ts';
import type { Deferral } from './deferral.ts';
import { checkSame, fingerprintOf, idempotencyKey, placeOf, type KeyRecord, type Keys } from './keys.ts';
import { MAX_KEPT } from './record.ts';
import type { Attempts } from './delivery.ts';

export interface KeeperOptions {
  readonly keys: Keys;
  readonly deferral: Deferral;
  readonly attempts: Attempts;
  /** `Platform.waitUntil`: what has begun with a key goes on when its client has gone. */
  readonly waitUntil: (promise: Promise<unknown>) => void;
}

/** With these no handler was called: the key is free again. */
const NOT_RUN: ReadonlySet<Code> = new Set([
  'overloaded',
  'boot-loop',
  'cell-start-failed',
  'handler-missing',
  'loop-detected',
  'secret-unreadable',
]);
/** Ms that a key is held beyond the deadline of who holds it, for writing the answer down. */
const SLACK = 60_000;

/** Requests that are to run once, or later. */
export function createKeeper({ keys, deferral, attempts, waitUntil }: KeeperOptions): Keeper {
  return {
    async fetch(call) {
      const { request, chosen } = call;
      const { manifest, function: name } = chosen.version;
      const later = manifest.async !== undefined && asksForLater(request.headers.get('prefer'));
      const wanted = manifest.idempotency?.methods.includes(request.method) === true ? manifest.idempotency : null;
      const key = wanted && idempotencyKey(request.headers);
      if (wanted?.required === true && key === null) throw keyMissing(name, request.method);
      if (!later && key === null) return call.pass();
      const { bytes, rest } = await readBody(request.body);
      if (rest !== null) throw await tooLarge(name, rest);
      if (key === null) return deferral.accept(call, bytes, null);

      const { ttl } = wanted!;
      const fingerprint = await fingerprintOf(request, call.destination.target, bytes);
      const at = await placeOf(name, request, key);
      const record: KeyRecord = { fingerprint, invocation: later ? deferral.newId() : null, response: null };
      const ms = later ? ttl * 1000 : manifest.limits.deadline_ms + SLACK;
      const claim = await keys.claim(at, { record, ms });
      const known = 'revision' in claim ? claim.record : claim;
      checkSame(known, fingerprint);
      // Again where it is known: whoever came first may have gone before it was accepted.
      if (known.invocation !== null) return deferral.accept(call, bytes, known.invocation);
      if (!('revision' in claim)) return keys.replay(name, at, known);
      const answer = run(call, bytes).then(
        async ({ response, body, rest: more }) => {
          await keys.answered(claim, keptOf(response, more === null), { body, ttl });
          return bodiless(response.status)
            ? new Response(null, response)
            : new Response(more ?? (body as Uint8Array<ArrayBuffer>), response);
        },
        async (cause: unknown) => {
          const error = toBrinkError(cause);
          if (NOT_RUN.has(error.code)) {
            await keys.release(claim);
            return problemResponse(error);
          }
          const response = problemResponse(error);
          const body = new Uint8Array(await response.clone().arrayBuffer());
          await keys.answered(claim, keptOf(response, true), { body, ttl });
          return response;
        },
      );
      waitUntil(answer.catch(() => {}));
      return answer;
    },
  };

  async function run({ chosen, request, destination, address, principal }: KeptCall, body: Uint8Array<ArrayBuffer>) {
    const kept = attempts.requestOf({ method: request.method, target: destination.target, headers: [...request.headers] }, body);
    const ms = chosen.version.manifest.limits.deadline_ms;
    const response = await attempts.attempt(chosen, kept, { url: request.url, address, principal, ms });
    const { bytes, rest } = await readBody(response.body);
    return { response, body: bytes, rest };
  }
}

function bodiless(status: number): boolean {
  return status === 204 || status === 205 || status === 304;
}

function keyMissing(name: string, method: string): BrinkError {
  return new BrinkError(
    'idempotency-key-missing',
    `${name} takes no ${method} without an Idempotency-Key. Send one, such as a UUID in quotes.`,
  );
}

async function tooLarge(name: string, rest: ReadableStream<Uint8Array>): Promise<BrinkError> {
  await rest.cancel();
  const what = 'A request that is kept, for later or for its Idempotency-Key,';
  return new BrinkError('request-too-large', `${what} has at most 1 MiB; this one to ${name} has more.`, { details: { limit: MAX_KEPT } });
}
