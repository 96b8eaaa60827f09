import type { BindingScope, BindingsState, Methods } from '../../bindings/binding.ts';
import { bindingsOf, openBinding, receivedMail } from '../../bindings/kinds.ts';
import { askOf } from '../../bindings/scratch/ask.ts';
import { openScratch } from '../../bindings/scratch/open.ts';
import { scratchState } from '../../bindings/scratch/state.ts';
import { servicesOf } from '../../bindings/service/target.ts';
import type { ServiceCaller } from '../../dispatch/services.ts';
import type { Manifest } from '../../registry/manifest.ts';
import type { ShadowMark } from '../../registry/shadow-record.ts';
import { scratchName } from '../../scopes.ts';
import type { Call } from './call.ts';
import { Calls } from './calls.ts';
import type { NodeCellOptions } from './cell-options.ts';
import { CACHES, RECEIVED_MAIL } from './frames.ts';
import type { Thread } from './thread.ts';

export interface AskedOptions {
  readonly manifest: Manifest;
  /** Whose writes are kept off; not there where none are. */
  readonly shadow?: ShadowMark | undefined;
  readonly cell: NodeCellOptions;
  readonly out: Thread['out'];
  /** The cell's invocations. */
  readonly invocations: { get(id: number): Call | undefined };
}

/** What a cell may ask of the host: its version's bindings and services, for invocations that have not ended. */
export function openAsked({ manifest, shadow, cell, out, invocations }: AskedOptions): Calls {
  const { bindings: state, caches, rates, services } = cell;
  // What a shadow uses up, and keeps in caches, is not its function's.
  const name = shadow === undefined ? manifest.name : `${manifest.name}#${scratchName(shadow)}`;
  const most = Math.min(state.quotas?.operations ?? Infinity, manifest.limits.operations_per_second ?? Infinity);
  return new Calls(
    {
      bindings: bindingsOf(manifest),
      open: (spec) => (shadow === undefined ? openBinding(spec, state) : openShadow(spec, shadow, state)),
      own: {
        [CACHES]: caches.of(name),
        [RECEIVED_MAIL]: receivedMail(manifest.name, shadow === undefined ? state : scratchState(shadow, state)),
      },
      admit: (binding) => rates.take(`${name}/${binding}`, binding, binding === CACHES ? Infinity : most),
      runs: (id) => invocations.get(id)?.expired === false,
      services: { specs: servicesOf(manifest), host: services, callerOf: (id) => callerOf(invocations.get(id)!, shadow) },
    },
    out,
  );
}

function openShadow(binding: BindingScope, mark: ShadowMark, state: BindingsState): Methods {
  return openScratch(binding, { mark, state, real: (other) => askOf(openBinding(other, state)) });
}

/** An invocation of this cell, as one that calls another function. */
function callerOf({ invocation, deadline }: Call, shadow: ShadowMark | undefined): ServiceCaller {
  const { function: name, traceparent, clientAddress, service } = invocation;
  return {
    function: name,
    traceparent,
    clientAddress,
    depth: service?.depth ?? 0,
    due: performance.timeOrigin + deadline,
    ...(shadow && { shadow }),
  };
}
