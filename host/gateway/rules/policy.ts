import type { LoadedVersion } from '../../dispatch/cell.ts';
import { BrinkError, toBrinkError } from '../../errors.ts';
import type { PolicyEvent } from '../../observe/events.ts';
import { requestIdOf, traceIdOf } from '../../observe/trace.ts';
import type { PolicyRule } from '../../registry/gateway/policy.ts';
import { policyId, policyVersion } from '../../registry/policies.ts';
import type { GatewayCall } from '../call.ts';
import { readDecision, type Decision } from '../policy/decision.ts';
import { policyInput } from '../policy/input.ts';
import { readBody } from '../read-body.ts';
import type { GatewayTools, RuleKind } from '../rules.ts';

/** More than any decision has, in bytes. */
const MAX_ANSWER = 65_536;

/** Asks a policy about each request, in a cell that has nothing of the function's. Where it cannot say, nobody gets in. */
export function policyRule(tools: GatewayTools): RuleKind<'policy'> {
  return {
    name: 'policy',
    filter(rule, version) {
      const asked = policyVersion(version);
      const told = (call: GatewayCall, decision: PolicyEvent['decision'], reason: string | null) =>
        tools.events(eventOf(call, { rule, decision, reason }));

      return async (call) => {
        let decision: Decision;
        try {
          decision = await decide(call, rule, asked, tools);
        } catch (error) {
          const failure = failed(version, error);
          told(call, 'failed', whyOf(failure));
          if (rule.dry_run) return undefined;
          throw failure;
        }
        const { allow, reason, headers, status } = decision;
        told(call, allow ? 'allowed' : 'denied', reason);
        if (rule.dry_run) return undefined;
        if (!allow) return refused(call, reason, status);
        for (const [name, value] of headers) call.setHeader(name, value);
        return undefined;
      };
    },
  };
}

async function decide(call: GatewayCall, rule: PolicyRule, asked: LoadedVersion, tools: GatewayTools): Promise<Decision> {
  const question = { policy: policyId(rule), entrypoint: rule.entrypoint, input: policyInput(call, rule.input) };
  const response = await tools.askPolicy(asked, call, JSON.stringify(question));
  const { bytes, rest } = await readBody(response.body, MAX_ANSWER);
  if (rest !== null) {
    await rest.cancel();
    throw new Error(`its answer has more than ${MAX_ANSWER} bytes`);
  }
  return readDecision(JSON.parse(new TextDecoder().decode(bytes)));
}

async function refused(call: GatewayCall, reason: string | null, status: number): Promise<Response> {
  const why =
    reason === null
      ? 'The policy of this function does not allow this request.'
      : `The policy of this function does not allow this request: ${reason}`;
  const response = call.refuse(new BrinkError('policy-denied', why, { ...(reason !== null && { details: { reason } }) }));
  if (status === response.status) return response;
  return new Response(JSON.stringify({ ...((await response.json()) as object), status }), { status, headers: response.headers });
}

/** The client hears that there is no decision; why, the log says. */
function failed({ function: name }: LoadedVersion, cause: unknown): BrinkError {
  return new BrinkError('policy-failed', `The policy of ${name} could not decide about this request.`, {
    cause,
    details: { retryAfter: 5 },
  });
}

function whyOf({ cause }: BrinkError): string {
  return cause instanceof Error ? cause.message : toBrinkError(cause).message;
}

interface Told {
  readonly rule: PolicyRule;
  readonly decision: PolicyEvent['decision'];
  readonly reason: string | null;
}

function eventOf({ arrival, traceparent, principal }: GatewayCall, { rule, decision, reason }: Told): PolicyEvent {
  const { function: name, number } = arrival.chosen.version;
  return {
    type: 'policy',
    time: arrival.time,
    function: name,
    version: number,
    policy: rule.module,
    entrypoint: rule.entrypoint,
    decision,
    dryRun: rule.dry_run,
    reason,
    requestId: requestIdOf(traceparent),
    traceId: traceIdOf(traceparent),
    ...(principal && { principal: `${principal.scheme}:${principal.id}` }),
  };
}
