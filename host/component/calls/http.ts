import { BrinkError } from '../../errors.ts';
import { problemResponse } from '../../gateway/problem.ts';
import { compatible, interfaceName } from '../describe/interface-name.ts';
import { BadInput } from './bad-input.ts';
import { nameOf } from './exports.ts';
import type { OwnCall } from './own-call.ts';
import { readJson } from './read-json.ts';

/** Calls a function with its arguments, for the request. */
export type Run = (call: OwnCall, args: readonly unknown[]) => Promise<unknown>;

export type Answering = (request: Request, run: Run) => Promise<Response>;

/** How many paths a 404 names. */
const MOST_NAMED = 50;

/** A component's own functions as JSON over HTTP: `POST /ops/add` with an object of parameters. */
export function createAnswering(calls: readonly OwnCall[]): Answering {
  const byPath = new Map(calls.map((call) => [call.path, call]));
  return async (request, run) => {
    try {
      const { pathname } = new URL(request.url);
      const call = byPath.get(pathname);
      if (call === undefined) return elsewhere(calls, pathname);
      if (request.method !== 'POST')
        throw new BrinkError('method-not-allowed', `${call.path} is called with POST, and not with ${request.method}.`, {
          details: { allow: ['POST'] },
        });
      return await answer(call, request, run);
    } catch (error) {
      // Those of the guest are the host's to answer.
      if (error instanceof BrinkError) return problemResponse(error);
      throw error;
    }
  };
}

async function answer(call: OwnCall, request: Request, run: Run): Promise<Response> {
  const { failed, value } = call.outcome(await run(call, await argsOf(call, request)));
  if (failed) throw new BrinkError('call-failed', `${nameOf(call)} returned an error.`, { details: { error: value } });
  return new Response(JSON.stringify(value), { headers: { 'content-type': 'application/json' } });
}

async function argsOf(call: OwnCall, request: Request): Promise<unknown[]> {
  try {
    return call.args(await readJson(request));
  } catch (error) {
    if (!(error instanceof BadInput)) throw error;
    throw new BrinkError('call-invalid', `The parameters of ${nameOf(call)} do not fit: ${error.message}.`, {
      details: { pointer: error.pointer },
    });
  }
}

/**
 * A path with the whole name of an interface leads to the one path of the function. It is not answered there, so that a
 * rule for the one path cannot be gone around.
 */
function elsewhere(calls: readonly OwnCall[], pathname: string): Response {
  const at = pathname.lastIndexOf('/');
  const name = pathname.slice(at + 1);
  const found = calls.filter((call) => call.name === name && means(pathname.slice(1, at), call.interface));
  if (found.length === 1) return new Response(null, { status: 308, headers: { location: `../..${found[0]!.path}` } });
  const exports = calls.slice(0, MOST_NAMED).map(({ path }) => path);
  throw new BrinkError('export-not-found', `The component exports nothing that is called at ${pathname}.`, { details: { exports } });
}

/** Whether a name as `acme:calc/ops`, or with a version that semver takes for compatible, is that of an interface. */
function means(asked: string, full: string): boolean {
  const [wanted, offered] = [interfaceName(asked), interfaceName(full)];
  if (wanted === null || offered === null) return false;
  const same = wanted.namespace === offered.namespace && wanted.package === offered.package && wanted.interface === offered.interface;
  return same && (wanted.version === null || compatible(wanted.version, offered.version));
}
