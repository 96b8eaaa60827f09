import type { BrinkError } from '../errors.ts';
import { headerOf } from '../gateway/header-lines.ts';
import { problemResponse } from '../gateway/problem.ts';
import type { RpcRequest } from '../gateway/rpc.ts';
import { spoken } from '../gateway/spoken.ts';
import { requestIdOf } from '../observe/trace.ts';
import type { Connection } from '../platform.ts';
import type { Invocation } from './cell.ts';

/** An invocation that has failed. */
export interface Failed {
  readonly error: BrinkError;
  readonly invocation: Invocation;
  readonly request: Request;
  readonly connection: Connection | null;
}

/** For rules of a gateway, which look at the error itself. */
export function answered({ error, invocation: { traceparent } }: Failed): Response {
  return problemResponse(error, { members: { requestId: requestIdOf(traceparent) } });
}

/** For the client, as it understands errors. */
export function answeredAs(failed: Failed): Response {
  return spoken(answered(failed), askedBy(failed.request, failed.connection!));
}

/** For a caller that is told of errors. */
export function rethrown({ error }: Failed): never {
  throw error;
}

/** The same two for what has failed before there was an invocation. */
export function problemOnly(error: unknown): Response {
  return problemResponse(error);
}

export function refused(error: unknown, request: Request, connection: Connection): Response {
  return spoken(problemResponse(error), askedBy(request, connection));
}

function askedBy(request: Request, connection: Connection): RpcRequest {
  return { method: request.method, url: request.url, header: (name) => headerOf(name, request, connection) };
}
