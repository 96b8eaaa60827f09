import type { HostInterface } from '../../host.ts';

/**
 * Functions of a resource that answer with an error. Where a result of theirs cannot be one, it does not matter: no
 * object of the resource is ever made, so that they are never called.
 */
export function refuseAll(resource: string, names: readonly string[], answer: unknown): HostInterface {
  const refuse = () => answer;
  return Object.fromEntries(
    names.map((name) => [name.startsWith('[static]') ? `[static]${resource}.${name.slice(8)}` : `[method]${resource}.${name}`, refuse]),
  );
}
