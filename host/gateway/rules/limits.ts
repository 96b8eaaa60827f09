import { BrinkError } from '../../errors.ts';
import type { LimitsRule } from '../../registry/gateway/limits.ts';
import type { GatewayCall } from '../call.ts';
import { bodyTooLarge, type HeldTo } from '../held-body.ts';
import type { RuleKind } from '../rules.ts';

/** What a keeper of requests reads of a body at once. */
const KEPT = 2 ** 20;

/** Refuses requests that are too large, and holds the bodies of others to what they may have. */
export const sizeLimits: RuleKind<'limits'> = {
  name: 'limits',
  filter(rule, { function: name, number, manifest }) {
    const { headers: mostHeaders, body: most = Infinity } = rule;
    const held = heldTo(rule);
    if (mostHeaders === undefined && held === null) return null;
    const of = `${name}@${number}`;
    // What keeps requests reads their bodies before a cell does.
    const kept = [manifest.async, manifest.idempotency, manifest.webhooks].some((key) => key !== undefined);
    return (call) => {
      if (mostHeaders !== undefined && headerBytes(call) > mostHeaders) throw headersTooLarge(of, mostHeaders);
      if (held === null) return undefined;
      const length = call.header('content-length');
      if (length !== null && Number(length) > most) throw bodyTooLarge(of, most);
      // What says its length has no more than that: RFC 9112, section 6.2.
      const measured = length !== null && call.header('transfer-encoding') === null;
      if (measured && held.pace === null) return undefined;
      call.hold(held);
      return kept && most <= KEPT ? keep(call) : undefined;
    };

    async function keep(call: GatewayCall): Promise<undefined> {
      if (!(await call.keepBody(most))) throw bodyTooLarge(of, most);
    }
  },
};

/** Has the function answer sooner than its own deadline. It is one for all calls that rules make of it. */
export const timeLimit: RuleKind<'limits'> = {
  name: 'limits',
  step({ deadline }, { function: name, number, manifest }) {
    if (deadline === undefined) return null;
    const own = manifest.limits.deadline_ms;
    return (call, next) => {
      const left = deadline - (performance.now() - call.start);
      if (left <= 0) throw tooLate(`${name}@${number}`, deadline);
      const outer = call.attempt;
      const ms = Math.min(left, outer?.ms ?? own);
      return call.begin({ ms, traceparent: outer?.traceparent ?? null, again: outer?.again ?? false, abortable: false }, next).response;
    };
  },
};

function heldTo({ body: most = Infinity, min_rate: rate, grace }: LimitsRule): HeldTo | null {
  if (most === Infinity && rate === undefined) return null;
  return { most, pace: rate === undefined ? null : { rate, grace } };
}

/** Names and values, as HTTP/2 counts them but for what it adds for each. RFC 9113, section 6.5.2. */
function headerBytes(call: GatewayCall): number {
  const lines: Iterable<string> = call.arrival.connection.rawHeaders ?? [...call.received].flat();
  let bytes = 0;
  for (const text of lines) bytes += text.length;
  return bytes;
}

function headersTooLarge(of: string, most: number): BrinkError {
  return new BrinkError('headers-too-large', `${of} takes no request with a header of more than ${most} bytes (limits of its gateway).`, {
    details: { limit: most },
  });
}

function tooLate(of: string, deadline: number): BrinkError {
  return new BrinkError('deadline-exceeded', `The rules before ${of} took all of the ${deadline} ms that limits of its gateway gives.`, {
    details: { limit: deadline },
  });
}
