import { receivedMailScope } from '../../bindings/kinds.ts';
import type { ServiceSpec } from '../../bindings/service/target.ts';
import { writeCall, type BindingStub, type CellProps, type ServiceStub } from '../../cell/workerd/protocol.ts';
import type { Invocation } from '../../dispatch/cell.ts';
import type { ServiceCaller } from '../../dispatch/services.ts';
import type { ShadowMark } from '../../registry/shadow-record.ts';
import type { Stubs } from './engine.ts';

export interface CellPropsOptions {
  /** Those that the function calls. */
  readonly services: readonly ServiceSpec[];
  readonly stubs: Stubs;
  /** Whose writes are kept off. */
  readonly shadow?: ShadowMark | undefined;
  /** When the invocation's time is up, in milliseconds since the epoch. */
  readonly due: () => number;
  /** How long its answer may take, in ms; null where nobody waits for one. */
  readonly left: number | null;
}

/** What an isolate is told of an invocation. Most are told no more than a line. */
export function cellProps(invocation: Invocation, options: CellPropsOptions): CellProps {
  const props = writeCall(invocation, options.left);
  const { service } = invocation;
  const isMail = invocation.trigger === 'email';
  if (service === null && options.services.length === 0 && !isMail) return props;
  return {
    ...props,
    ...(service && { service: JSON.stringify({ entrypoint: service.entrypoint, props: service.props }) }),
    ...(isMail && { mail: mailStub(invocation, options) }),
    ...(options.services.length > 0 && { services: stubsFor(invocation, options) }),
  };
}

function mailStub({ function: name, version }: Invocation, { stubs, shadow }: CellPropsOptions): BindingStub {
  return stubs.binding({
    ...receivedMailScope(name),
    function: name,
    version,
    name: 'message',
    operations: null,
    ...(shadow && { shadow }),
  }) as BindingStub;
}

/** Each invocation has stubs of its own, which say to the host whose they are. */
function stubsFor(
  { function: name, traceparent, clientAddress, service }: Invocation,
  { services, stubs, due, shadow }: CellPropsOptions,
): Record<string, ServiceStub> {
  const caller: ServiceCaller = {
    function: name,
    traceparent,
    clientAddress,
    depth: service?.depth ?? 0,
    due: due(),
    ...(shadow && { shadow }),
  };
  return Object.fromEntries(services.map((spec) => [spec.name, stubs.service({ target: spec.target, caller }) as ServiceStub]));
}
