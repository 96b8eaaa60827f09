import type { ServiceTarget } from '../../dispatch/services.ts';
import type { Manifest } from '../../registry/manifest.ts';

/** A service binding of a function's version. */
export interface ServiceSpec {
  /** Under which the function finds it in `env`. */
  readonly name: string;
  readonly target: ServiceTarget;
}

export function servicesOf({ services = [] }: Manifest): ServiceSpec[] {
  return services.map(({ binding, service, alias, entrypoint = null, props = {}, resilience }) => ({
    name: binding,
    target: { function: service, alias, entrypoint, props, ...(resilience === true && { resilience }) },
  }));
}
