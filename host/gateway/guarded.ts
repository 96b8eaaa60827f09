import type { Chosen } from '../dispatch/functions.ts';
import type { GatewayBlock } from '../registry/gateway/schema.ts';
import type { GatewayTools } from './rules.ts';

/** By the blocks, which stay the same object while they hold. */
const known = new WeakMap<readonly GatewayBlock[], boolean>();

/**
 * Whether rules that stand behind these decide who gets in. What is kept before them would go to those whom they keep out:
 * within one set of rules the order sees to that, and between sets this.
 */
export function isGuardedBehind(whose: GatewayTools['whose'], { rules, version }: Chosen): boolean {
  if (whose === 'version') return false;
  return guards(version.manifest.gateway) || (whose === 'host' && guards(rules?.blocks));
}

function guards(blocks: readonly GatewayBlock[] | undefined): boolean {
  if (blocks === undefined) return false;
  let found = known.get(blocks);
  if (found === undefined)
    known.set(
      blocks,
      (found = blocks.some((block) => [block.auth, block.policy, block.access].some((rule) => rule !== undefined && rule !== false))),
    );
  return found;
}
