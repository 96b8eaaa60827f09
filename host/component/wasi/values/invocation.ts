import type { ComponentInvocation, World } from '../../host.ts';

/** The invocation that calls; null while the component is instantiated. */
export function invocationOf(world: World): ComponentInvocation | null {
  try {
    return world.invocation;
  } catch {
    return null;
  }
}
