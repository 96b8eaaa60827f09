import { env } from 'cloudflare:workers';
import { exportNames, exportOf } from '../export-of.ts';
import type { Settings } from '../settings.ts';
import { putLambdaEnvironment } from './environment.ts';
import { invokerOf, type Handler } from './invoke.ts';
import { awslambda, streamed, streams } from './streaming.ts';
import { serveEvents, serveHttp, serveStream } from './serve.ts';

/** Before the author's module runs: it may read `process.env` and `awslambda` at its top. */
export function prepare(settings: Settings): void {
  putLambdaEnvironment(settings, env);
  Object.defineProperty(globalThis, 'awslambda', { value: awslambda, configurable: true, writable: true });
}

/** A module written for AWS Lambda as the handlers of a main module. @throws {TypeError} where it exports no such handler */
export function serve(main: Readonly<Record<string, unknown>>, settings: Settings) {
  const { export: name } = settings.lambda;
  const handler = exportOf(main, name);
  if (typeof handler !== 'function')
    throw new TypeError(
      `The module exports no function ${JSON.stringify(name)} for AWS Lambda to call; it exports ${exportNames(main)}. ` +
        'Name the one that is meant: [lambda] export = "NAME" in brink.toml.',
    );
  if (streams(handler)) return { fetch: serveStream(streamed(handler, settings), settings) };
  const invoke = invokerOf(handler as Handler, settings);
  return { fetch: serveHttp(invoke, settings), ...serveEvents(invoke, settings) };
}
