import { BrinkError } from '../../errors.ts';
import { failureTest, hasLeft } from '../failures.ts';
import { Circuit } from '../limits/circuit.ts';
import type { GatewayTools, RuleKind } from '../rules.ts';

/** Has a version that fails left alone for a while. What is known of it is this host's. */
export function circuitBreakerRule({
  now,
  events,
  ejections,
}: Pick<GatewayTools, 'now' | 'events' | 'ejections'>): RuleKind<'circuit_breaker'> {
  return {
    name: 'circuit_breaker',
    step(rule, loaded) {
      const { function: name, number: version, manifest } = loaded;
      const { deadline_ms: patience } = manifest.limits;
      const failureOf = failureTest(rule.on);
      const circuit = new Circuit({
        rule,
        patience,
        changed(state, reason) {
          const time = now();
          events({ type: 'circuit', time, function: name, version, state, reason });
          if (rule.eject === undefined) return;
          if (state === 'closed') ejections.restore(loaded);
          if (state === 'open')
            ejections.eject(loaded, { until: time + rule.open, probes: rule.probes, patience, most: rule.eject.most }, time);
        },
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
