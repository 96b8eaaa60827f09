import type { Peer } from './peers.ts';

export interface Others {
  readonly peers: Readonly<Record<string, Peer>>;
  /** Why those that are not there are not. */
  readonly missing: Readonly<Record<string, string>>;
}

/**
 * Starts what others made, and has it tried: what does not start or does not answer is missing, and the bench goes on
 * without it. What fails later fails the bench, since a peer that fails must not be taken for one that is fast or slow.
 */
export async function startOthers(starts: Record<string, () => Promise<Peer>>, trial: (peer: Peer) => Promise<unknown>): Promise<Others> {
  const peers: Record<string, Peer> = {};
  const missing: Record<string, string> = {};
  for (const [name, start] of Object.entries(starts)) {
    let peer: Peer | null = null;
    try {
      peer = await start();
      await trial(peer);
      peers[name] = peer;
    } catch (error) {
      peer?.stop();
      missing[name] = reasonOf(error);
    }
  }
  return { peers, missing };
}

/** In one line: that of a process that failed has what it wrote. */
export function reasonOf(error: unknown): string {
  const { message, stderr = '' } = error as Error & { stderr?: string };
  const said = /^(?:\w*Error|error): .*$/m.exec(stderr)?.[0];
  return said ?? message.split('\n', 1)[0]!;
}
