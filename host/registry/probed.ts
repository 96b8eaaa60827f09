import type { HandlerName } from '../dispatch/cell.ts';
import { BrinkError } from '../errors.ts';
import type { Artifact } from './artifact.ts';
import { policyArtifact } from './policies.ts';

/** The handlers that an artifact has once it is loaded, and its policies too, which are looked at first. @throws {BrinkError} what `probe` throws, and `handlers-missing` */
export async function probeHandlers(
  artifact: Artifact,
  probe: (artifact: Artifact) => Promise<readonly HandlerName[]>,
): Promise<readonly HandlerName[]> {
  const policies = policyArtifact(artifact);
  if (policies !== null) await probe(policies);
  const handlers = await probe(artifact);
  if (handlers.length > 0) return handlers;
  throw new BrinkError(
    'handlers-missing',
    `The main module ${artifact.mainModule} of ${artifact.manifest.name} exports no handler. Write \`export default { fetch(request, env, ctx) { … } }\`.`,
    { details: { module: artifact.mainModule } },
  );
}
