import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { buildFunction } from '../../host/build/build.ts';
import { readConfig } from '../../host/build/config.ts';
import type { TestHost } from './harness.ts';

/** What `brink init` makes of them, as it stands. */
export function templateCases(host: () => TestHost): void {
  describe('templates of other clouds', () => {
    it.for([
      ['lambda', ''],
      ['gcf', ''],
      ['azure', 'api/hello'],
    ] as const)('%s greets', async ([template, path]) => {
      const { bytes } = await buildFunction(
        await readConfig(fileURLToPath(new URL(`../../host/cli/templates/${template}`, import.meta.url))),
      );
      await host().admin.publish('template-name', bytes, {});
      const greet = async (query: string) => (await fetch(`${host().url}/template-name/${path}${query}`)).text();
      expect([await greet(''), await greet('?name=Ada')]).toEqual(['Hello, World!\n', 'Hello, Ada!\n']);
    });
  });
}
