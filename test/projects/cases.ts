import { afterAll, beforeAll, describe } from 'vitest';
import { fileURLToPath } from 'node:url';
import { buildFunction } from '../../host/build/build.ts';
import { readConfig, type ConfigOptions } from '../../host/build/config.ts';
import type { OpenHost, TestHost } from '../conformance/harness.ts';
import { frameworkCases } from './framework-cases.ts';
import { platformCases } from './platform-cases.ts';
import { sourceCases } from './source-cases.ts';

/** A running host, and the folders of `cases/` as a user of `brink dev` would run them on it. */
export interface Projects {
  readonly host: TestHost;
  /** Builds and publishes a folder; the function's URL, without a slash at its end. */
  open(name: string, options?: ConfigOptions): Promise<string>;
}

export type Cases = (projects: () => Projects) => void;

/** What existing Workers projects are made of, each the same on every platform. */
export function projectCases(platform: string, open: OpenHost): void {
  describe(`Workers projects on ${platform}`, () => {
    let projects: Projects;
    beforeAll(async () => {
      projects = projectsOn(await open());
    });
    afterAll(() => projects.host.stop());

    for (const cases of [frameworkCases, sourceCases, platformCases]) cases(() => projects);
  });
}

function projectsOn(host: TestHost): Projects {
  return {
    host,
    async open(name, options = {}) {
      const dir = fileURLToPath(new URL(`cases/${name}`, import.meta.url));
      const { artifact, bytes } = await buildFunction(await readConfig(dir, { devVars: true, ...options }));
      await host.admin.publish(artifact.manifest.name, bytes, { alias: 'live' });
      return `${host.url}/${artifact.manifest.name}`;
    },
  };
}
