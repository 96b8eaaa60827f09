import { existsSync } from 'node:fs';
import { cpuOf } from './cpu-of.ts';
import { MEASURED_RULES } from './gateway-rules.ts';
import { interleaved, measure, median, startPeer, type Peer } from './peers.ts';
import type { BenchResult } from './run.ts';

/** Of `measure`. */
const SECONDS = 1;
const NGINX = ['/usr/sbin/nginx', '/usr/bin/nginx', '/usr/local/sbin/nginx'].find((path) => existsSync(path));

/** What stands before a function, against none of it, against a bare Hono server, and against nginx where it is installed. */
export async function bench(): Promise<BenchResult> {
  const hono = await startPeer('hono');
  const peers: Record<string, Peer> = {
    hono,
    host: await startPeer('gateway'),
    few: await startPeer('gateway', '10'),
    many: await startPeer('gateway', '10000'),
    ...(NGINX !== undefined && { nginx: await startPeer('nginx', NGINX, String(hono.port)) }),
  };
  try {
    const { host, few, many, nginx } = peers as { host: Peer; few: Peer; many: Peer; nginx?: Peer };
    const of = (name: string) => () => measure({ port: host.port, path: `/${name}/` });
    /** CPU time of a request in µs: other than its rate, what else the machine does changes it little. */
    const cpu = (name: string) => async () => {
      const before = cpuOf(host.pid);
      const rate = await of(name)();
      return before === null ? 1e6 / rate : (cpuOf(host.pid)! - before) / (rate * SECONDS);
    };
    const rates = await interleaved({
      hono: () => measure({ port: hono.port }),
      cache_hit: of('kept'),
      ...(nginx && { nginx: () => measure({ port: nginx.port }) }),
      hello: of('hello'),
      stack: of('stack'),
      few: () => measure({ port: few.port, path: '/r00007/' }),
      many: () => measure({ port: many.port, path: '/r07777/' }),
      hello_cpu: cpu('hello'),
      ...Object.fromEntries(Object.keys(MEASURED_RULES).map((name) => [name, cpu(`rule-${name.replaceAll('_', '-')}`)])),
    });
    const each = <Value>(one: string, other: string, make: (one: number, other: number) => Value) =>
      rates[one]!.map((rate, round) => make(rate, rates[other]![round]!));
    const ratio = (ours: string, peer: string) => median(each(ours, peer, (one, other) => one / other));
    const cost = (name: string) => Math.round(median(each(name, 'hello_cpu', (one, other) => one - other)) * 10) / 10;
    return {
      ratios: {
        cache_hit_vs_hono: ratio('cache_hit', 'hono'),
        ...(nginx && { cache_hit_vs_nginx: ratio('cache_hit', 'nginx') }),
        full_stack_vs_hono: ratio('stack', 'hono'),
        hello_vs_hono: ratio('hello', 'hono'),
        routes_10k_vs_10: ratio('many', 'few'),
      },
      figures: {
        ...Object.fromEntries(Object.keys(MEASURED_RULES).map((name) => [`cost_us_${name}`, cost(name)])),
        ...Object.fromEntries(['hono', 'cache_hit', 'hello', 'stack'].map((name) => [`${name}_per_s`, Math.round(median(rates[name]!))])),
      },
      ...(!nginx && { missing: { cache_hit_vs_nginx: 'nginx is not installed; apt-get install nginx-light' } }),
    };
  } finally {
    for (const peer of Object.values(peers)) peer.stop();
  }
}
