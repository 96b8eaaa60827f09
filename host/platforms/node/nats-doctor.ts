import { toBrinkError } from '../../errors.ts';
import { linkOf } from '../../stores/nats/link.ts';
import { inspectServer, isAtLeast, REPLICAS_VERSION, TTL_VERSION, type Inspected } from '../../stores/nats/setup.ts';
import type { NatsOptions } from '../running.ts';
import type { Finding } from './doctor.ts';
import { connectNats } from './nats.ts';
import { DEFAULT_PREFIX } from './shared-state.ts';

/** From here on `sync_interval` can be set. */
const SYNC_VERSION = '2.10.0';
const SAFE_REPLICAS = 3;

/** Looks at a NATS server as a host would use it, and changes nothing. */
export async function checkNats(nats: NatsOptions): Promise<Finding[]> {
  const found: Finding[] = [];
  try {
    const { close, shown, ...connected } = await connectNats(nats);
    found.push({ check: 'nats', status: 'ok', message: `${shown} is reached` });
    try {
      const link = await linkOf(connected);
      found.push(...findingsOf(await inspectServer(link, nats.prefix ?? DEFAULT_PREFIX), nats));
    } finally {
      await close();
    }
  } catch (error) {
    // The errors of what a host does at its start name the way out.
    found.push({ check: found.length === 0 ? 'nats' : 'jetstream', status: 'fail', message: toBrinkError(error).message });
  }
  return found;
}

function findingsOf({ version, buckets, replicas: current }: Inspected, { replicas: wanted }: NatsOptions): Finding[] {
  const replicas = wanted ?? current ?? 1;
  return [
    { check: 'jetstream', status: 'ok', message: 'JetStream is on for this account' },
    versionFinding(version),
    {
      check: 'buckets',
      status: 'ok',
      message: current === null ? `${listed(buckets)} are not there yet; the first host makes them` : `${listed(buckets)} are there`,
    },
    replicasFinding(version, replicas),
    syncFinding(version, replicas),
  ];
}

function versionFinding(version: string): Finding {
  const message = `nats-server ${version}`;
  if (isAtLeast(version, TTL_VERSION))
    return { check: 'nats version', status: 'ok', message: `${message}: takes away itself what has expired` };
  return {
    check: 'nats version',
    status: 'ok',
    message: `${message}: hosts take away what has expired; from ${TTL_VERSION} on the server does`,
  };
}

function replicasFinding(version: string, replicas: number): Finding {
  const message = `Each bucket lies on ${replicas} server${replicas === 1 ? '' : 's'}`;
  const able = isAtLeast(version, REPLICAS_VERSION);
  if (replicas > 1 && !able) {
    const why = `${message}, and servers of ${version} lose writes then`;
    return {
      check: 'replicas',
      status: 'fail',
      message: why,
      way: `Upgrade each to ${REPLICAS_VERSION} or newer, or keep to one with --nats-replicas 1.`,
    };
  }
  if (replicas >= SAFE_REPLICAS) return { check: 'replicas', status: 'ok', message };
  return {
    check: 'replicas',
    status: 'warn',
    message: `${message}: without it there is no state`,
    way: `Run a cluster of three${able ? '' : `, of ${REPLICAS_VERSION} or newer`}, and start a host with --nats-replicas 3.`,
  };
}

/**
 * A client is not told of the interval, so the risk is named in any case. https://jepsen.io/analyses/nats-2.12.1
 */
function syncFinding(version: string, replicas: number): Finding {
  const risk = 'NATS acknowledges a write before it is on the disk, and by default syncs every two minutes';
  const lost =
    replicas >= SAFE_REPLICAS
      ? 'a power cut of several servers at once, or of one and a fault of another, may lose what was acknowledged in that time'
      : 'a power cut may lose what was acknowledged in that time';
  const way = isAtLeast(version, SYNC_VERSION)
    ? 'Write `jetstream { sync_interval: always }` into the configuration of each server. Brink cannot see whether it is there.'
    : `Upgrade the servers to ${SYNC_VERSION} or newer, which can be told \`jetstream { sync_interval: always }\`.`;
  return { check: 'sync', status: 'warn', message: `${risk}: ${lost}; \`kill -9\` loses nothing`, way };
}

function listed(names: readonly string[]): string {
  return new Intl.ListFormat('en-GB').format(names);
}
