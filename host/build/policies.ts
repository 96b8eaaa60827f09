import { readFile, realpath } from 'node:fs/promises';
import { relative, resolve, sep } from 'node:path';
import { build } from 'esbuild';
import { readModule } from '../component/core/module.ts';
import { BrinkError } from '../errors.ts';
import type { Module } from '../registry/artifact.ts';
import { policiesOf, POLICY_FOLDER, POLICY_MAIN, policyId } from '../registry/policies.ts';
import type { Config } from './config.ts';

const RUNTIME = 'runtime.js';
/** In a published package what is bundled are the compiled files. */
const EXTENSION = import.meta.url.endsWith('.ts') ? '.ts' : '.js';
const ROOT = decodeURIComponent(new URL('../../', import.meta.url).pathname);
/** What OPA's own library gives a policy at first. */
const PAGES = 5;
const MAX_PAGES = 1_024;

const utf8 = new TextEncoder();
let runtime: Promise<Uint8Array<ArrayBuffer>> | undefined;

/** The files that the policies of a function are read from: absolute paths. */
export function policyFiles({ dir, manifest }: Pick<Config, 'dir' | 'manifest'>): string[] {
  const files = policiesOf(manifest).flatMap(({ module, data }) => (data === undefined ? [module] : [module, data]));
  return [...new Set(files)].map((file) => resolve(dir, file));
}

/** What an artifact has besides for the policies that its gateway asks. @throws {BrinkError} `config-invalid`, `build-failed` */
export async function policyModules(config: Config): Promise<Record<string, Module>> {
  const policies = policiesOf(config.manifest);
  if (policies.length === 0) return {};
  const modules: Record<string, Module> = {};
  const pages = new Map<string, number>();
  for (const { module, data } of policies) {
    const bytes = await read(config, module);
    pages.set(module, pagesOf(module, bytes));
    modules[POLICY_FOLDER + module] = { type: 'wasm', bytes };
    if (data !== undefined) modules[POLICY_FOLDER + data] = { type: 'json', bytes: checkedJson(data, await read(config, data)) };
  }
  const imports = policies.flatMap(({ module, data }, index) => [
    `import module${index} from './${module}';`,
    ...(data === undefined ? [] : [`import data${index} from './${data}';`]),
  ]);
  const served = policies.map(({ entrypoints, ...policy }, index) => {
    const data = policy.data === undefined ? '' : `, data: data${index}`;
    const plain = `id: ${JSON.stringify(policyId(policy))}, pages: ${pages.get(policy.module)!}, entrypoints: ${JSON.stringify(entrypoints)}`;
    return `  { ${plain}, module: module${index}${data} },\n`;
  });
  const main = [`import { servePolicies } from './${RUNTIME}';`, ...imports, `export default servePolicies([\n${served.join('')}]);`, ''];
  return {
    ...modules,
    [POLICY_MAIN]: { type: 'js', bytes: utf8.encode(main.join('\n')) },
    [POLICY_FOLDER + RUNTIME]: { type: 'js', bytes: await (runtime ??= bundleRuntime()) },
  };
}

/** Links are followed, but lead nowhere outside of the function's folder. */
async function read({ dir, file }: Config, name: string): Promise<Uint8Array<ArrayBuffer>> {
  const path = await realpath(resolve(dir, name)).catch((cause: unknown) => {
    throw invalid(file, `the policy's file ${name} is not there. Compile it with \`opa build -t wasm\`, or correct its path.`, cause);
  });
  if (relative(dir, path).split(sep)[0] === '..')
    throw invalid(file, `the policy's file ${name} lies outside of the function's folder. Put it there.`);
  return new Uint8Array(await readFile(path));
}

/** How many pages of memory a policy wants at first. It has to take its memory from the host, which bounds it. */
function pagesOf(name: string, bytes: Uint8Array): number {
  let module;
  try {
    module = readModule(bytes);
  } catch (cause) {
    throw failed(name, `is no WebAssembly module: ${(cause as Error).message}`, cause);
  }
  if (module.imported.memory !== 1) throw failed(name, 'does not import its memory, as OPA policies do');
  const least = module.memories[0]!.minimum;
  if (least > MAX_PAGES) throw failed(name, `wants ${least} pages of memory at first; at most ${MAX_PAGES} are given`);
  return Math.max(PAGES, least);
}

function checkedJson(name: string, bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  try {
    JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    return bytes;
  } catch (cause) {
    throw failed(name, `is no JSON: ${(cause as Error).message}`, cause);
  }
}

/** What asks policies, with OPA's library in it, as one module: once for each process. */
async function bundleRuntime(): Promise<Uint8Array<ArrayBuffer>> {
  const { outputFiles } = await build({
    absWorkingDir: ROOT,
    entryPoints: [`host/policy/serve${EXTENSION}`],
    bundle: true,
    format: 'esm',
    target: 'es2024',
    platform: 'browser',
    mainFields: ['browser', 'module', 'main'],
    legalComments: 'none',
    minify: true,
    write: false,
    logLevel: 'silent',
  }).catch((cause: unknown) => {
    throw new BrinkError('internal', 'What asks policies could not be bundled.', { cause });
  });
  return utf8.encode(outputFiles[0]!.text);
}

function invalid(file: string | null, why: string, cause?: unknown): BrinkError {
  return new BrinkError('config-invalid', `${file ?? 'gateway'}: ${why}`, {
    cause,
    details: { key: 'gateway', ...(file !== null && { file }) },
  });
}

function failed(name: string, why: string, cause?: unknown): BrinkError {
  return new BrinkError('build-failed', `${name} ${why}. Compile the policy with \`opa build -t wasm\`.`, {
    cause,
    details: { file: name },
  });
}
