import { BrinkError } from '../../errors.ts';
import { failureTest, hasLeft } from '../failures.ts';
import { Circuit } from '../limits/circuit.ts';
import type { GatewayTools, RuleKind } from '../rules.ts';

/** Has a version that fails left alone for a while. What is known of it is this host's. */
export function circuitBreakerRule({ now, events }: Pick<GatewayTools, 'now' | 'events'>): RuleKind<'circuit_breaker'> {
  return {
    name: 'circuit_breaker',
    step(rule, { function: name, number: version, manifest }) {
      const failureOf = failureTest(rule.on);
      const circuit = new Circuit({
        rule,
        patience: manifest.limits.deadline_ms,
        changed: (state, reason) => events({ type: 'circuit', time: now(), function: name, version, state, reason }),
      });
      return async (call, next) => {
        const permit = circuit.admit(now());
        if (typeof permit === 'number') throw circuitOpen(`${name}@${version}`, permit);
        const response = await next(call);
        const failure = failureOf(response);
        circuit.settle(permit, failure !== null && hasLeft(call) ? undefined : failure, now());
        return response;
      };
    },
  };
}

function circuitOpen(name: string, ms: number): BrinkError {
  const retryAfter = Math.max(1, Math.ceil(ms / 1_000));
  return new BrinkError('circuit-open', `${name} has failed too often and is not called now. Try again in ${retryAfter} s.`, {
    details: { retryAfter },
  });
}
