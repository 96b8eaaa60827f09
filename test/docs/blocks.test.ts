import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { buildFunction } from '../../host/build/build.ts';
import { readConfig } from '../../host/build/config.ts';
import { openNode } from '../conformance/harness-node.ts';
import { openWorkerd } from '../conformance/harness-workerd.ts';
import type { TestHost } from '../conformance/harness.ts';
import { blocksOf, DOCUMENTS, type Block } from './blocks.ts';
import { makeClone, type Clone } from './clone.ts';
import { EXCLUDED } from './excluded.ts';
import { Session } from './session.ts';

vi.setConfig({ testTimeout: 90_000 });

const withCurl = spawnSync('curl', ['--version']).status === 0;
if (!withCurl) console.log('There is no curl on this machine: the blocks that use it are skipped.');

describe.each(DOCUMENTS.filter((file) => blocksOf(file).length > 0))('%s', (file) => {
  let clone: Clone;
  let session: Session;
  let hosts: TestHost[];
  beforeAll(async () => {
    clone = makeClone();
    session = new Session(clone, new Map(Object.entries(EXCLUDED).map(([line, { instead }]) => [line, instead])));
    hosts = await Promise.all([openNode(), openWorkerd()]);
  });
  afterAll(async () => {
    await session.end();
    await Promise.all(hosts.map((host) => host.stop()));
    clone.remove();
  });

  const blocks = blocksOf(file);
  for (const [index, block] of blocks.entries()) {
    const usesCurl = block.text.includes('curl ') || (block.language === 'text' && blocks[index - 1]?.text.includes('curl ') === true);
    it.skipIf(usesCurl && !withCurl)(`line ${block.line}: ${titleOf(block)}`, async () => {
      await session.do(block);
      if (isHandler(block)) await publishEverywhere(clone, String(block.attributes['title']), hosts);
    });
  }

  const typed = blocks.filter(({ language, attributes }) => language === 'ts' && typeof attributes['title'] === 'string');
  it('the TypeScript examples type-check', () => {
    if (typed.length === 0) return;
    const files = typed.map(({ attributes }) => String(attributes['title']));
    const options = ['--noEmit', '--strict', '--skipLibCheck', '--target', 'es2024', '--lib', 'es2024,webworker'];
    const modules = [
      '--allowImportingTsExtensions',
      '--customConditions',
      'brink-source',
      '--module',
      'esnext',
      '--moduleResolution',
      'bundler',
    ];
    const { status, stdout } = spawnSync('tsc', [...options, ...modules, ...files], { cwd: clone.path, env: clone.env, encoding: 'utf8' });
    expect(status, stdout).toBe(0);
  });
});

it('every line that is left out stands in a document', () => {
  const lines = new Set(DOCUMENTS.flatMap((file) => blocksOf(file).flatMap(({ text }) => text.split('\n'))));
  console.log(['Not run as they stand:', ...Object.entries(EXCLUDED).map(([line, { why }]) => `  ${line}  (${why})`)].join('\n'));
  expect(Object.keys(EXCLUDED).filter((line) => !lines.has(line))).toEqual([]);
});

it('npx finds the CLI in a clone', () => {
  const clone = makeClone();
  // Without the stand-in that the other tests use.
  const PATH = clone.env['PATH']!.slice(clone.env['PATH']!.indexOf(':') + 1);
  const { status, stdout, stderr } = spawnSync('npx', ['brink', '--version'], {
    cwd: clone.path,
    env: { ...clone.env, PATH },
    encoding: 'utf8',
  });
  expect(status, stderr).toBe(0);
  expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  clone.remove();
});

async function publishEverywhere(clone: Clone, title: string, hosts: readonly TestHost[]): Promise<void> {
  const built = await buildFunction(await readConfig(functionOf(clone, join(clone.path, title))));
  expect(built.warnings).toEqual([]);
  const { name, secrets } = built.artifact.manifest;
  for (const { admin } of hosts) {
    for (const secret of secrets?.required ?? []) await admin.putSecret(name, secret, 'a value');
    const { handlers } = await admin.publish(name, built.bytes);
    expect(handlers.length).toBeGreaterThan(0);
  }
}

/** The nearest folder above a source that has a config, or the source alone. */
function functionOf({ path }: Clone, source: string): string {
  for (let folder = dirname(source); folder !== path; folder = dirname(folder)) {
    if (['brink.toml', 'wrangler.toml', 'wrangler.jsonc'].some((name) => existsSync(join(folder, name)))) return folder;
  }
  return source;
}

function isHandler({ language, text }: Block): boolean {
  return (language === 'ts' || language === 'js') && text.includes('export default');
}

function titleOf({ language, attributes, text }: Block): string {
  const { title } = attributes;
  return typeof title === 'string' ? title : `${language} ${text.split('\n')[0]}`;
}
