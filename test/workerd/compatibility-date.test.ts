import { createRequire } from 'node:module';
import { expect, it } from 'vitest';
import { DEFAULT_COMPATIBILITY_DATE, LATEST_COMPATIBILITY_DATE } from '../../host/registry/manifest-schema.ts';
import { parseManifest } from '../../host/registry/parse-manifest.ts';

it('the latest compatibility date is that of the workerd which is installed', () => {
  const { compatibilityDate } = createRequire(createRequire(import.meta.url).resolve('miniflare'))('workerd') as {
    compatibilityDate: string;
  };
  expect(LATEST_COMPATIBILITY_DATE).toBe(compatibilityDate);
  expect(DEFAULT_COMPATIBILITY_DATE <= LATEST_COMPATIBILITY_DATE).toBe(true);
});

it('a later compatibility date is refused by name', () => {
  expect(() => parseManifest({ name: 'fn', compatibility_date: '2031-01-01' })).toThrow(/compatibility_date.*2026-10-23/s);
});
