import { readFile } from 'node:fs/promises';
import { relative } from 'node:path';
import { build, type BuildResult } from 'esbuild';
import { BrinkError } from '../errors.ts';
import type { Cloud, HandlerKind } from './cloud-keys.ts';
import type { Config } from './config.ts';

/** The packages by which functions of other clouds are known: the build puts its own in their place. */
export const CLOUD_PACKAGES: Readonly<Record<string, Cloud>> = {
  '@google-cloud/functions-framework': 'gcf',
  '@azure/functions': 'azure',
};

const SOURCE = /\.(?:[cm]?[jt]sx?|json)$/;
const HINT = /\bhandler\b|@google-cloud\/functions-framework|@azure\/functions/;
const CJS_HANDLER = /\bexports\.handler\s*=|\bmodule\.exports\s*=\s*\{[^}]*\bhandler\b/;
const CJS_DEFAULT = /\bexports\.default\s*=|\bmodule\.exports\s*=\s*\{[^}]*\bfetch\b/;

interface Signs {
  readonly standard: boolean;
  readonly clouds: readonly Cloud[];
}

/**
 * Whose handlers the main module exports: what `handler` says, or what the sources are sure of. One of a default export,
 * of `handler` without a default export, and of a cloud's package that is imported.
 *
 * @throws {BrinkError} `config-invalid` where they say two things
 */
export async function handlerKindOf(config: Config): Promise<HandlerKind> {
  const { handler } = config.build.clouds;
  if (handler !== null) return handler;
  const { standard, clouds } = await signsOf(config);
  if (clouds.length === 0) return 'standard';
  if (clouds.length === 1 && !standard) return clouds[0]!;
  const said = [...(standard ? ['a default export'] : []), ...clouds.map((cloud) => SIGNS[cloud])];
  const choices = [...(standard ? (['standard'] as const) : []), ...clouds].map((kind) => `handler = "${kind}"`);
  throw new BrinkError(
    'config-invalid',
    `${config.file ?? 'The function'}: it is not certain whose handlers the main module has, since there is ${said.join(' and ')}. ` +
      `Write ${choices.join(' or ')} in ${config.file ?? 'a brink.toml'}.`,
    { details: { key: 'handler', ...(config.file !== null && { file: config.file }) } },
  );
}

const SIGNS: Readonly<Record<Cloud, string>> = {
  lambda: 'an export "handler" as AWS Lambda calls it',
  gcf: 'an import of @google-cloud/functions-framework',
  azure: 'an import of @azure/functions',
};

async function signsOf({ dir, main }: Config): Promise<Signs> {
  const text = await readFile(main, 'utf8').catch(() => '');
  // Most functions are told by their main file alone.
  if (/\bexport\s+default\b/.test(text) && !HINT.test(text)) return { standard: true, clouds: [] };
  const result = await outline(dir, main);
  if (result === null) return { standard: true, clouds: [] };
  const { inputs, outputs } = result.metafile;
  const [output] = Object.values(outputs).filter(({ entryPoint }) => entryPoint !== undefined);
  const entry = output?.entryPoint === undefined ? undefined : inputs[output.entryPoint];
  const commonJs = entry?.format === 'cjs';
  const exported = output?.exports ?? [];
  const packages = new Set(Object.values(inputs).flatMap(({ imports }) => imports.map(({ path }) => CLOUD_PACKAGES[path])));
  const clouds = [...packages].filter((cloud) => cloud !== undefined);
  if (!commonJs && exported.length === 0 && CJS_HANDLER.test(text)) throw notCommonJs(relative(dir, main));
  if (commonJs ? CJS_HANDLER.test(text) : exported.includes('handler')) clouds.unshift('lambda');
  return { standard: commonJs ? CJS_DEFAULT.test(text) : exported.includes('default'), clouds };
}

function notCommonJs(main: string): BrinkError {
  return new BrinkError(
    'config-invalid',
    `${main} writes exports.handler, as CommonJS does, and is an ES module, because of "type": "module" in the nearest package.json or ` +
      'of an import or export in it. Name it .cjs, or write export const handler = ….',
    { details: { file: main } },
  );
}

/** What the project's own files import and export; null where they cannot be read, which the build then says. */
async function outline(dir: string, main: string): Promise<BuildResult<{ metafile: true; write: false }> | null> {
  return build({
    absWorkingDir: dir,
    entryPoints: [main],
    outfile: 'outline.js',
    bundle: true,
    packages: 'external',
    format: 'esm',
    target: 'es2024',
    metafile: true,
    write: false,
    logLevel: 'silent',
    loader: { '.js': 'jsx', '.mjs': 'jsx', '.cjs': 'jsx' },
    plugins: [
      {
        name: 'sources-alone',
        setup({ onLoad }) {
          onLoad({ filter: /.*/ }, ({ path }) => (SOURCE.test(path) ? undefined : { contents: '', loader: 'empty' }));
        },
      },
    ],
  }).catch(() => null);
}
