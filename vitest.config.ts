import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts', 'functions/*/*.test.ts'],
    testTimeout: 15_000,
    hookTimeout: 60_000,
    // Each file may start hosts of its own, and machines have as few as two cores.
    maxWorkers: 2,
  },
});
