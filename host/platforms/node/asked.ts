import { bindingsOf, receivedMail } from '../../bindings/kinds.ts';
import { servicesOf } from '../../bindings/service/target.ts';
import type { ServiceCaller } from '../../dispatch/services.ts';
import type { Manifest } from '../../registry/manifest.ts';
import type { Call } from './call.ts';
import { Calls } from './calls.ts';
import type { NodeCellOptions } from './cell-options.ts';
import { CACHES, RECEIVED_MAIL } from './frames.ts';
import type { Thread } from './thread.ts';

export interface AskedOptions {
  readonly manifest: Manifest;
  readonly cell: NodeCellOptions;
  readonly out: Thread['out'];
  /** The cell's invocations. */
  readonly invocations: { get(id: number): Call | undefined };
}

/** What a cell may ask of the host: its version's bindings and services, for invocations that have not ended. */
export function openAsked({ manifest, cell, out, invocations }: AskedOptions): Calls {
  const { bindings: state, caches, rates, services } = cell;
  const { name } = manifest;
  const most = Math.min(state.quotas?.operations ?? Infinity, manifest.limits.operations_per_second ?? Infinity);
  return new Calls(
    {
      bindings: bindingsOf(manifest),
      state,
      own: { [CACHES]: caches.of(name), [RECEIVED_MAIL]: receivedMail(name, state) },
      admit: (binding) => rates.take(`${name}/${binding}`, binding, binding === CACHES ? Infinity : most),
      runs: (id) => invocations.get(id)?.expired === false,
      services: { specs: servicesOf(manifest), host: services, callerOf: (id) => callerOf(invocations.get(id)!) },
    },
    out,
  );
}

/** An invocation of this cell, as one that calls another function. */
function callerOf({ invocation, deadline }: Call): ServiceCaller {
  const { function: name, traceparent, clientAddress, service } = invocation;
  return { function: name, traceparent, clientAddress, depth: service?.depth ?? 0, due: performance.timeOrigin + deadline };
}
