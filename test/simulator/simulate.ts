import type { LoadedVersion } from '../../host/dispatch/cell.ts';
import { parseManifest } from '../../host/registry/parse-manifest.ts';
import { seeded } from '../registry/random.ts';
import { Events } from './events.ts';
import { SimulatedHost } from './host.ts';
import { Source } from './load.ts';
import type { Percentiles } from './histogram.ts';
import { Measure } from './measure.ts';
import { zipf } from './random.ts';
import type { Scenario } from './scenarios.ts';
import { scalingOf, type Settings } from './settings.ts';

export interface RunOptions {
  readonly seed: number;
  /** So many times the hosts, functions and calls of the scenario; what is less than one host is less time. */
  readonly scale: number;
}

export interface Outcome {
  readonly calls: number;
  /** From a call's arrival to its end, in ms, of those that were answered. */
  readonly latency: Percentiles;
  /** What came on top of what each call would have taken alone: waiting for a cell, its start, its thread, a core. */
  readonly delay: Percentiles;
  /** Parts of all calls: those that waited for a cell that was started, and those that were refused. */
  readonly cold: number;
  readonly shed: number;
  /** MB of cells on one host, on average over time. */
  readonly memory: number;
  /** Part of the time of all cores. */
  readonly utilisation: number;
}

/** One scenario with one set of settings. The calls are the same for the same seed, whatever the settings are. */
export async function simulate(scenario: Scenario, settings: Settings, { seed, scale }: RunOptions): Promise<Outcome> {
  const events = new Events();
  const count = Math.max(1, Math.round(scenario.hosts * scale));
  const factor = count / scenario.hosts;
  const ms = 1_000 * Math.min(1, scale / factor);
  const [begin, end] = [scenario.warmUp * ms, scenario.seconds * ms];
  const measure = new Measure(begin);
  const hosts = Array.from(
    { length: count },
    (_, index) =>
      new SimulatedHost({
        events,
        measure,
        settings: { ...settings, ...scenario.machine },
        random: seeded(mixed(seed, 1_000_000 + index)),
      }),
  );
  load(scenario, { seed, factor, settings, events, hosts });
  await events.run(begin);
  const before = sums(hosts);
  await events.run(end);
  const after = sums(hosts);
  const { latency, delay, cold, refused } = measure;
  const calls = latency.count + refused;
  const time = hosts.length * (end - begin);
  return {
    calls,
    latency: latency.percentiles(),
    delay: delay.percentiles(),
    cold: cold / Math.max(1, calls),
    shed: refused / Math.max(1, calls),
    memory: (after.byteTime - before.byteTime) / time / 2 ** 20,
    utilisation: (after.cpu - before.cpu) / time / settings.cores,
  };
}

interface LoadOptions {
  readonly seed: number;
  readonly factor: number;
  readonly settings: Settings;
  readonly events: Events;
  readonly hosts: readonly SimulatedHost[];
}

function load(scenario: Scenario, { seed, factor, settings, events, hosts }: LoadOptions): void {
  const kinds = scenario.kinds;
  const parts = zipf(Math.max(kinds.length, Math.round(scenario.functions * factor)), scenario.zipf);
  const kindOf = (index: number) => kinds[index % kinds.length]!;
  const whole = parts.reduce((sum, part, index) => sum + part * kindOf(index).popularity, 0);
  for (const [id, part] of parts.entries()) {
    const kind = kindOf(id);
    const share = (part * kind.popularity) / whole;
    const random = seeded(mixed(seed, id));
    const version = versionOf(id, settings);
    const own = hostsOf(id, { share, hosts, spread: scenario.spread });
    new Source({
      events,
      kind,
      random,
      arrivals: scenario.arrivals((share * scenario.calls * factor) / 1_000, random),
      send: (work) => own[Math.floor(random() * own.length)]!.accept(version, work),
    });
  }
}

function versionOf(id: number, settings: Settings): LoadedVersion {
  const name = `function-${id}`;
  return {
    artifact: name,
    function: name,
    number: 1,
    digest: name,
    manifest: parseManifest({ name, scaling: scalingOf(settings) }),
    secretsRevision: 0,
    load: () => Promise.reject(new Error('A simulated cell loads nothing.')),
    secrets: () => Promise.resolve({}),
  };
}

/** As who shares a fleet out does it: neighbours in a ring, from a place of the function's own. */
function hostsOf(
  id: number,
  { share, hosts, spread }: { readonly share: number; readonly hosts: readonly SimulatedHost[]; readonly spread: number },
): SimulatedHost[] {
  const count = Math.min(hosts.length, Math.max(spread, Math.ceil(share * hosts.length * 2)));
  const first = Math.floor(seeded(mixed(id, 7))() * hosts.length);
  return Array.from({ length: count }, (_, index) => hosts[(first + index) % hosts.length]!);
}

function sums(hosts: readonly SimulatedHost[]): { readonly byteTime: number; readonly cpu: number } {
  return {
    byteTime: hosts.reduce((sum, { byteTime }) => sum + byteTime, 0),
    cpu: hosts.reduce((sum, { cores }) => sum + cores.used, 0),
  };
}

/** A seed for each part of a run, so that what one draws changes nothing for the others. */
function mixed(seed: number, part: number): number {
  return Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(part + 1, 0xc2b2ae35);
}
