import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

// Each file has a process of its own, and many start others: they load the same modules again and again.
process.env['NODE_COMPILE_CACHE'] ??= fileURLToPath(new URL('node_modules/.cache/brink', import.meta.url));

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts', 'functions/*/*.test.ts'],
    // These end what hangs, and say nothing of how fast anything is: a busy machine may take many times as long as a quiet one.
    testTimeout: 60_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 20_000 } },
    // Each file may start hosts of its own, and machines have as few as two cores.
    maxWorkers: 2,
    // As an author's tests have it: what a function imports of the runtime.
    alias: { 'cloudflare:workers': fileURLToPath(new URL('sdk/testing/workers.ts', import.meta.url)) },
  },
});
