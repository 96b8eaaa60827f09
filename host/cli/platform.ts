import type { HostOptions, RunningHost } from '../platforms/running.ts';

export const PLATFORMS = ['miniflare', 'node'] as const;

/** What starts a host here; loaded only when it is asked for. */
export async function starterOf(platform: (typeof PLATFORMS)[number]): Promise<(options: HostOptions) => Promise<RunningHost>> {
  if (platform === 'node') return (await import('../platforms/node/serve.ts')).startNode;
  return (await import('../platforms/miniflare/serve.ts')).startMiniflare;
}
