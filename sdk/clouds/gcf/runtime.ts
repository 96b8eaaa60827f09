import { env } from 'cloudflare:workers';
import { putEnvironment } from '../environment.ts';
import { exportNames, exportOf } from '../export-of.ts';
import type { Settings } from '../settings.ts';
import { registered, type AnyFunction, type Registered } from './framework.ts';
import { serveEvents } from './serve-events.ts';
import { serveHttp } from './serve-http.ts';

// What user code imports as @google-cloud/functions-framework is this module.
export { cloudEvent, event, http, typed } from './framework.ts';

/** https://cloud.google.com/run/docs/container-contract#env-vars */
export function prepare({ function: name, gcf: { target, signature } }: Settings): void {
  putEnvironment(env, {
    K_SERVICE: name,
    K_CONFIGURATION: name,
    K_REVISION: name,
    PORT: '8080',
    FUNCTION_TARGET: target ?? name,
    FUNCTION_SIGNATURE_TYPE: signature,
  });
}

/** A module written for Google Cloud Functions as the handlers of a main module. @throws {TypeError} where it has no such function */
export function serve(main: Readonly<Record<string, unknown>>, settings: Settings) {
  const { signature, run } = chosen(main, settings);
  return signature === 'http' ? serveHttp(run, settings) : serveEvents({ signature, run }, settings);
}

/** What `[gcf] target` names, or the only function that there is. */
function chosen(main: Readonly<Record<string, unknown>>, { gcf: { target, signature } }: Settings): Registered {
  if (target !== undefined) {
    const exported = exportOf(main, target);
    const found = registered.get(target) ?? (typeof exported === 'function' ? { signature, run: exported as AnyFunction } : undefined);
    if (found !== undefined) return found;
    throw new TypeError(
      `[gcf] target names ${JSON.stringify(target)}, which is neither registered (${names()}) nor exported (${exportNames(main)}).`,
    );
  }
  if (registered.size === 1) return [...registered.values()][0]!;
  if (registered.size > 1)
    throw new TypeError(
      `The module registers several functions: ${names()}. Name the one that is meant: [gcf] target = "NAME" in brink.toml.`,
    );
  const exported = functionsOf(main);
  if (exported.length === 1) return { signature, run: exported[0]! };
  throw new TypeError(
    `The module registers no function, and exports ${exportNames(main)}. Name the one that is meant: [gcf] target = "NAME" in brink.toml.`,
  );
}

function functionsOf(main: Readonly<Record<string, unknown>>): AnyFunction[] {
  const inner = main['default'];
  const all = [main, inner].flatMap((each) => (each !== null && typeof each === 'object' ? Object.values(each) : [each]));
  return [...new Set(all.filter((each): each is AnyFunction => typeof each === 'function'))];
}

function names(): string {
  return registered.size === 0 ? 'nothing' : [...registered.keys()].map((name) => JSON.stringify(name)).join(', ');
}
