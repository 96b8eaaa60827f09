import { existsSync, readdirSync } from 'node:fs';

export interface BenchResult {
  /** Ours by the peer's, measured in the same run. */
  readonly ratios: Record<string, number>;
  readonly figures: Record<string, number>;
  /** Ratios that could not be measured here, with the reason. */
  readonly missing?: Record<string, string>;
}

/** `npm run bench -- NAME [--json]` */
const [name, ...flags] = process.argv.slice(2);
const file = new URL(`./${name}.ts`, import.meta.url);
if (name === undefined || !/^[a-z-]+$/.test(name) || !existsSync(file)) {
  const names = readdirSync(import.meta.dirname).filter(
    (entry) =>
      entry.endsWith('.ts') &&
      ![
        'run.ts',
        'load.ts',
        'peers.ts',
        'cold.ts',
        'components.ts',
        'cpu-of.ts',
        'gateway-rules.ts',
        'js-hello.ts',
        'others.ts',
        'services.ts',
      ].includes(entry),
  );
  process.stderr.write(`Which one? ${names.map((entry) => entry.slice(0, -3)).join(', ')}\n`);
  process.exit(2);
}
// So that peers are stopped.
process.once('SIGTERM', () => process.exit(143));
const { bench } = (await import(file.href)) as { bench: () => Promise<BenchResult> };
const { ratios, figures, missing = {} } = await bench();
const rounded = Object.fromEntries(Object.entries(ratios).map(([key, ratio]) => [key, Math.round(ratio * 1000) / 1000]));
for (const [key, reason] of Object.entries(missing)) process.stderr.write(`${key} is missing: ${reason}\n`);
if (!flags.includes('--json')) {
  for (const [key, ratio] of Object.entries(rounded)) process.stdout.write(`${key.padEnd(28)} ${ratio}\n`);
  for (const [key, figure] of Object.entries(figures)) process.stdout.write(`${key.padEnd(28)} ${figure}\n`);
} else {
  process.stdout.write(`${JSON.stringify({ bench: name, ratios: rounded, figures })}\n`);
}
process.exit(0);
