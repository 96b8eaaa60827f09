import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import type { ComponentInvocation, HostInterface, InstanceHosts, World } from '../../../host/component/host.ts';
import type { Plan } from '../../../host/component/plan.ts';
import { prepareComponent } from '../../../host/component/prepare.ts';
import { Instance } from '../../../host/component/runtime/instance.ts';
import { Exit } from '../../../host/component/wasi/cli/exit.ts';
import { checkImports, hostsFor, isBlocking } from '../../../host/component/wasi/hosts.ts';
import { NO_SETTINGS } from '../../../host/component/wasi/settings.ts';
import { preopenOf } from './preopen.ts';

/**
 * Runs `wasi:cli/run` of a component against the hosts that functions have: for tests of those hosts that are written
 * as commands. Functions themselves export HTTP handlers; `brink run` serves them.
 *
 *   node run-command.ts [--env NAME=VALUE]... [--dir DIRECTORY] FILE [ARGUMENT]...
 */
const { values, positionals } = parseArgs({
  options: { env: { type: 'string', multiple: true, default: [] }, dir: { type: 'string' } },
  allowPositionals: true,
});
const [file, ...args] = positionals;
if (file === undefined) throw new Error('Name the component.');

const { plan, modules } = prepareComponent(new Uint8Array(await readFile(file)), isBlocking);
checkImports(plan);
const compiled = await Promise.all(modules.map((bytes) => WebAssembly.compile(bytes)));
const settings = { ...NO_SETTINGS, args: [basename(file), ...args], vars: Object.fromEntries(values.env.map(variable)) };
const preopen = values.dir === undefined ? null : await preopenOf(values.dir);
const instance = new Instance(plan, compiled, hosts, { maxPages: 16_384 });
// What a guest waits for, such as a stream that nobody writes, keeps no process alive.
const alive = setInterval(() => undefined, 60_000);
process.exitCode = await run();
clearInterval(alive);

function run(): Promise<number> {
  return new Promise((resolve) => {
    instance.call({ interface: runOf(plan), name: 'run' }, [], {
      invocation: invocation(),
      returned: (result) => instance.whenIdle(() => resolve((result as { tag: string }).tag === 'ok' ? 0 : 1)),
      failed(error) {
        if (!(error instanceof Exit)) console.error(error);
        resolve(error instanceof Exit ? error.code : 134);
      },
    });
  });
}

function invocation(): ComponentInvocation {
  return {
    env: settings.vars,
    signal: new AbortController().signal,
    log: (level, text) => console[level](text),
    fetch: (request) => fetch(request),
    waitUntil: () => undefined,
  };
}

/** Those of a function; with a directory given, that is what the guest finds preopened. */
function hosts(world: World): InstanceHosts {
  const made = hostsFor(plan, world, settings);
  if (preopen === null) return made;
  const directories: HostInterface = { 'get-directories': () => [preopen] };
  const names = Object.keys(made.hosts).filter((name) => name.startsWith('wasi:filesystem/preopens@'));
  return { ...made, hosts: { ...made.hosts, ...Object.fromEntries(names.map((name) => [name, directories])) } };
}

/** The newest of them: what adapts an older toolchain's output adds that of 0.2. */
function runOf({ exports }: Plan): string {
  const found = Object.keys(exports)
    .filter((name) => name.startsWith('wasi:cli/run@'))
    .sort()
    .at(-1);
  if (found === undefined) throw new Error('The component exports no wasi:cli/run.');
  return found;
}

function variable(text: string): [string, string] {
  const at = text.indexOf('=');
  return [text.slice(0, at), text.slice(at + 1)];
}
