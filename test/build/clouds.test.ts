import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createBundler } from '../../host/build/bundle.ts';
import { handlerKindOf } from '../../host/build/cloud-kind.ts';
import { readConfig } from '../../host/build/config.ts';
import { build, failureOf, moduleText, project, put, WASM, type Files } from './project.ts';

const kindOf = async (files: Files, keys = '') =>
  handlerKindOf(await readConfig(await project({ 'brink.toml': `main = "${Object.keys(files)[0]}"\n${keys}`, ...files })));

describe('whose handlers a main module exports', () => {
  it.for([
    ['standard', 'index.js', 'export default { fetch: () => new Response() };'],
    ['standard', 'index.js', 'const handler = { fetch: () => new Response() }; export default handler;'],
    ['standard', 'index.js', 'const app = { fetch: () => new Response() }; export { app as default };'],
    ['standard', 'index.js', 'module.exports = { fetch: () => new Response() };'],
    ['standard', 'index.js', '// exports handler of another file\nexport default { fetch: () => new Response() };'],
    ['standard', 'index.js', 'export const other = 1;'],
    ['lambda', 'index.js', 'exports.handler = async () => {};'],
    ['lambda', 'index.js', 'module.exports.handler = async () => {};'],
    ['lambda', 'index.js', 'const handler = async () => {};\nmodule.exports = { a: 1, handler };'],
    ['lambda', 'index.mjs', 'export const handler = async () => {};'],
    ['lambda', 'index.ts', 'async function run(): Promise<void> {}\nexport { run as handler };'],
    [
      'lambda',
      'index.ts',
      "import fs from 'node:fs';\nimport { S3 } from '@aws-sdk/client-s3';\nexport const handler = async () => [fs, S3];",
    ],
    [
      'gcf',
      'index.js',
      "const functions = require('@google-cloud/functions-framework');\nfunctions.http('a', (req, res) => res.send(''));",
    ],
    ['gcf', 'index.ts', "import { http } from '@google-cloud/functions-framework';\nhttp('a', (req, res) => res.send(''));"],
    ['azure', 'index.js', "const { app } = require('@azure/functions');\napp.http('a', { handler: () => ({}) });"],
    ['azure', 'index.ts', "import { app } from '@azure/functions';\napp.http('a', { handler: () => ({}) });"],
  ] as const)('%s: %s %s', async ([kind, main, source]) => {
    expect(await kindOf({ [main]: source })).toBe(kind);
  });

  it('a package that another file of the project imports is seen', async () => {
    const files = {
      'index.js': "import './functions/a.js';",
      'functions/a.js': "import { app } from '@azure/functions';\napp.http('a', { handler: () => ({}) });",
    };
    expect(await kindOf(files)).toBe('azure');
  });

  it('CommonJS that is taken for an ES module is refused, with the way out', async () => {
    const files = { 'index.js': 'exports.handler = async () => {};', 'package.json': '{ "type": "module" }' };
    const error = await failureOf(kindOf(files));
    expect(error.message).toMatch(/^index\.js writes exports\.handler, as CommonJS does, and is an ES module.*Name it \.cjs/);
    expect(await kindOf({ 'index.cjs': files['index.js'], 'package.json': files['package.json'] })).toBe('lambda');
  });

  it('types alone are no sign', async () => {
    const source =
      "import type { HttpRequest } from '@azure/functions';\nexport default { fetch: (request: HttpRequest) => new Response(String(request)) };";
    expect(await kindOf({ 'index.ts': source })).toBe('standard');
  });

  it('the key says it whatever the sources say', async () => {
    const both = { 'index.js': 'export const handler = async () => {};\nexport default { fetch: () => new Response() };' };
    expect(await kindOf(both, 'handler = "lambda"\n')).toBe('lambda');
    expect(await kindOf(both, 'handler = "standard"\n')).toBe('standard');
  });

  it.for([
    [
      'export const handler = async () => {};\nexport default { fetch: () => new Response() };',
      'a default export and an export "handler"',
      '"standard" or handler = "lambda"',
    ],
    [
      'exports.handler = async () => {};\nexports.default = { fetch: () => new Response() };',
      'a default export and an export "handler"',
      '"standard" or handler = "lambda"',
    ],
    [
      "import { app } from '@azure/functions';\napp.http('a', {});\nexport const handler = 1;",
      'an export "handler"',
      '"lambda" or handler = "azure"',
    ],
    [
      "import { app } from '@azure/functions';\nimport { http } from '@google-cloud/functions-framework';\napp.http(http);",
      'an import of',
      'handler = "azure"',
    ],
  ] as const)('what could be two things is refused: %s', async ([source, there, choices]) => {
    const dir = await project({ 'brink.toml': 'main = "index.js"\n', 'index.js': source });
    const error = await failureOf(build(dir));
    expect(error.code).toBe('config-invalid');
    expect(error.message).toContain(there);
    expect(error.message).toContain(choices);
    expect(error.details).toMatchObject({ key: 'handler', file: 'brink.toml' });
  });
});

describe('building a function of another cloud', () => {
  const lambda = {
    'brink.toml': 'main = "index.js"\n',
    'index.js': "const { sep } = require('path');\nexports.handler = async () => sep;",
  };

  it('puts the runtime beside the bundle, and nodejs_compat into the manifest', async () => {
    const built = await build(await project(lambda));
    expect(Object.keys(built.artifact.modules).toSorted()).toEqual(['index.js', 'index.js.map', 'lambda-runtime.js']);
    expect(built.artifact.manifest.compatibility_flags).toEqual(['nodejs_compat']);
    expect(moduleText(built, 'index.js')).toContain('from "./lambda-runtime.js"');
  });

  it('makes the same bytes wherever the sources lie', async () => {
    const [a, b] = [await build(await project(lambda)), await build(await project(lambda))];
    expect(a.digest).toBe(b.digest);
  });

  it('is a function of another kind when its sources say so, and builds again after what was uncertain', async () => {
    const dir = await project({ 'brink.toml': 'main = "index.js"\n', 'index.js': 'exports.handler = async () => 1;' });
    const bundler = await createBundler(await readConfig(dir));
    const names = async () => Object.keys((await bundler.bundle()).modules).filter((name) => name.endsWith('-runtime.js'));
    try {
      expect(await names()).toEqual(['lambda-runtime.js']);
      await put(dir, 'index.js', 'export default { fetch: () => new Response() };');
      expect(await names()).toEqual([]);
      await put(dir, 'index.js', 'export default {}; export const handler = 1;');
      expect((await failureOf(bundler.bundle())).code).toBe('config-invalid');
      expect(bundler.inputs()).toContain(join(dir, 'index.js'));
      await put(dir, 'index.js', "import { app } from '@azure/functions'; app.get('a', () => ({}));");
      expect(await names()).toEqual(['azure-runtime.js']);
    } finally {
      await bundler.dispose();
    }
  });

  it('is no component', async () => {
    const dir = await project({ 'brink.toml': 'main = "a.wasm"\nhandler = "lambda"\n', 'a.wasm': WASM });
    expect((await failureOf(build(dir))).message).toContain('handler is for JavaScript and TypeScript');
  });

  it('asks for no flag twice', async () => {
    const dir = await project({ ...lambda, 'brink.toml': 'main = "index.js"\ncompatibility_flags = ["nodejs_compat"]\n' });
    expect((await build(dir)).artifact.manifest.compatibility_flags).toEqual(['nodejs_compat']);
  });

  it.for([
    ['aws-sdk', "const AWS = require('aws-sdk');\nexports.handler = async () => AWS;"],
    ['@aws-sdk/client-s3', "import { S3Client } from '@aws-sdk/client-s3';\nexport const handler = async () => S3Client;"],
  ] as const)('%s is named as what AWS has and Brink has not', async ([name, source]) => {
    const error = await failureOf(build(await project({ 'brink.toml': 'main = "index.js"\n', 'index.js': source })));
    expect(error.code).toBe('build-failed');
    expect(error.message).toContain(`"${name}" is part of AWS Lambda's own runtime, and not of Brink. Install it: npm install ${name}.`);
  });

  it.for([
    ['handler = "aws"', 'must be one of standard, lambda, gcf, azure'],
    ['[lambda]\nevent = "v3"', 'must be one of v2, v1, url, alb, direct'],
    ['[lambda]\nevnt = "v1"', 'the key lambda.evnt is not known. Did you mean "event"?'],
    ['[lambda.queues]\na = "kinesis"', 'must be one of sqs, s3, sns, eventbridge, dynamodb'],
    ['[gcf]\nsignature = "x"', 'must be one of http, cloudevent, event'],
  ] as const)('%s is refused', async ([keys, why]) => {
    const error = await failureOf(build(await project({ ...lambda, 'brink.toml': `main = "index.js"\n${keys}\n` })));
    expect(error.message).toContain(why);
  });
});
