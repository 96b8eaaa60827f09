import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import { createKeyring } from '../../../host/secrets/keyring.ts';
import { openState } from '../../../host/platforms/node/state.ts';
import { encodeArtifact } from '../../../host/registry/artifact.ts';
import { Registry } from '../../../host/registry/registry.ts';
import { functionOf, HELLO } from '../peers/functions.ts';
import { startPeer, type Peer } from '../peers.ts';

const PUBLISHED = 1_000;
const HOT = 20;
const AT_ONCE = 20;
/** For the thread that waits for a function, and for what a start leaves to collect. */
const SETTLES = 500;

/** Resident memory of a host, by what it grows with: functions that no cell runs, and cells. */
export async function memoryOfFunctions(): Promise<{ rss_kb_per_cold_function: number; rss_mb_per_warm_cell: number }> {
  const few = await residentOf(HOT);
  const many = await residentOf(PUBLISHED);
  return {
    rss_kb_per_cold_function: round((many.hot - few.hot) / (PUBLISHED - HOT)),
    rss_mb_per_warm_cell: round((few.hot - few.one) / (HOT - 1) / 1024),
  };
}

/** In KB: with one function that has answered, and with twenty. */
async function residentOf(functions: number): Promise<{ one: number; hot: number }> {
  const state = await mkdtemp(join(tmpdir(), 'brink-bench-memory-'));
  try {
    await publishAll(state, functions);
    const peer = await startPeer('node-state', state);
    try {
      await answerOf(peer, 0);
      const one = await resident(peer);
      for (let index = 1; index < HOT; index++) await answerOf(peer, index);
      return { one, hot: await resident(peer) };
    } finally {
      peer.stop();
    }
  } finally {
    await rm(state, { recursive: true });
  }
}

/** Before the host starts, and without the check that runs each of them: a host does not know how what it has came there. */
async function publishAll(directory: string, functions: number): Promise<void> {
  const { store, blobs, keys, close } = openState(directory);
  const registry = new Registry({ store, blobs, keyring: createKeyring(() => keys), now: Date.now });
  const publish = (name: string) =>
    registry.publish(name, encodeArtifact(functionOf(name, HELLO)), { alias: 'live', probe: () => Promise.resolve(['fetch']) });
  for (let index = 0; index < functions; index += AT_ONCE)
    await Promise.all(Array.from({ length: AT_ONCE }, (_, each) => publish(`fn-${index + each}`)));
  await close();
}

async function answerOf({ port }: Peer, index: number): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${port}/fn-${index}/`);
  if ((await response.text()) !== 'hello') throw new Error(`fn-${index} answers with ${response.status}.`);
}

async function resident({ pid }: Peer): Promise<number> {
  await setTimeout(SETTLES);
  const { stdout } = await promisify(execFile)('ps', ['-o', 'rss=', '-p', `${pid}`]);
  return Number(stdout);
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
