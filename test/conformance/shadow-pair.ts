import type { ShadowAsked, ShadowReported, ShadowResult } from '../../host/admin/schemas/shadows.ts';
import { eventually, freshName, publish, type TestHost } from './harness.ts';

export interface Pair {
  readonly name: string;
  /** The version that gets copies. */
  readonly to: number;
  readonly url: string;
  readonly shadow: ShadowResult;
}

export interface PairOptions {
  readonly live: string;
  readonly shadow: string;
  readonly manifest?: Record<string, unknown>;
  readonly asked?: Partial<ShadowAsked>;
}

/** Two versions of a function: `live` names the first, and the second gets copies of all requests. */
export async function shadowed(host: TestHost, { live, shadow, manifest = {}, asked = {} }: PairOptions): Promise<Pair> {
  const name = freshName();
  const more = { manifest: { scaling: { max_cells: 1 }, limits: { deadline_ms: 10_000 }, ...manifest } };
  await publish(host, live, { name, alias: 'live', ...more });
  const { version: to } = await publish(host, shadow, { name, ...more });
  const begun = await host.admin.startShadow(name, { to, share: 100, ...asked });
  return { name, to, url: `${host.url}/${name}/`, shadow: begun };
}

/** The report once it is as it is wanted. */
export function reportOf(
  host: TestHost,
  { name, shadow }: Pick<Pair, 'name' | 'shadow'>,
  wanted: (report: ShadowReported['report']) => boolean,
) {
  let last: ShadowReported['report'] | undefined;
  return eventually(async () => {
    const { report } = await host.admin.shadow(name, shadow.id);
    last = report;
    if (wanted(report)) return report;
    await new Promise((resolve) => setTimeout(resolve, 50));
    return undefined;
  }).catch(() => {
    throw new Error(`The report did not become what it was to be: ${JSON.stringify(last, null, 1)}`);
  });
}

/** How many of its requests have been dealt with, in whichever way. */
export function done({ compared, dropped, uncompared }: ShadowReported['report']): number {
  const sum = (counts: Readonly<Record<string, number>>) => Object.values(counts).reduce((total, count) => total + count, 0);
  return compared + sum(dropped) + sum(uncompared);
}
