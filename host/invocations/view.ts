import { BrinkError } from '../errors.ts';
import { problemResponse } from '../gateway/problem.ts';
import { responseOf } from './body.ts';
import { INVOCATIONS_PATH } from './deferral.ts';
import { notKept } from './keys.ts';
import type { InvocationRecord, InvocationRecords } from './record.ts';

const PATH = /^\/_brink\/invocations\/([a-z0-9-]{1,63})\/([0-9a-f]{48})(\/response)?$/;

/** What a client sees of an invocation. Times are ISO 8601. */
export function viewOf(id: string, record: InvocationRecord): Record<string, unknown> {
  const {
    status,
    function: name,
    version,
    attempts,
    settings,
    accepted,
    started,
    ended,
    expires,
    next,
    response,
    error,
    callback,
  } = record;
  return {
    id,
    function: name,
    version,
    status,
    attempts,
    maxAttempts: settings.max_attempts,
    accepted: timeOf(accepted),
    started: timeOf(started),
    ended: timeOf(ended),
    expires: timeOf(expires),
    nextAttempt: timeOf(next),
    error,
    response: response && { status: response.status, kept: response.whole, url: `${INVOCATIONS_PATH}${name}/${id}/response` },
    ...(callback && { callback: { ...callback, next: timeOf(callback.next) } }),
  };
}

/** Answers at the URL that an accepted request got: its id is what lets a client in. */
export async function showInvocation({ url, method }: Request, records: InvocationRecords): Promise<Response> {
  try {
    if (method !== 'GET' && method !== 'HEAD') {
      throw new BrinkError('method-not-allowed', `An invocation is read with GET.`, { details: { allow: ['GET', 'HEAD'] } });
    }
    const [, name, id, whole] = PATH.exec(new URL(url).pathname) ?? [];
    const record = name === undefined ? null : await records.read(name, id!);
    if (record === null) throw notFound();
    if (whole === undefined) return Response.json(viewOf(id!, record), { headers: { 'cache-control': 'no-store' } });
    if (record.response === null) throw notFound(` It has no response: it is ${record.status}.`);
    if (!record.response.whole) throw notKept(name!);
    return responseOf(record.response, await records.body(name!, id!, 'response'));
  } catch (error) {
    return problemResponse(error);
  }
}

export function isInvocation(url: string): boolean {
  return url.startsWith(INVOCATIONS_PATH, url.indexOf('/', url.indexOf('://') + 3));
}

function timeOf(time: number | null): string | null {
  return time === null ? null : new Date(time).toISOString();
}

function notFound(more = ' Its id is wrong, or its result was kept for as long as async.result_ttl says.'): BrinkError {
  return new BrinkError('invocation-not-found', `There is no such invocation here, or nothing of it.${more}`);
}
