import { responseWhile } from '../body-stream.ts';
import { textOf } from '../messages.ts';
import { isThenable, running } from '../running.ts';
import type { Call, Settings } from '../settings.ts';
import { BadBody, parsedBody } from './body.ts';
import type { AnyFunction } from './framework.ts';
import { ExpressRequest } from './request.ts';
import { ExpressResponse } from './response.ts';

interface Scheduled {
  readonly cron: string;
  readonly scheduledTime: number;
  readonly id: string | null;
  readonly payload?: unknown;
}

/** A function `(req, res)`: its requests, and its schedules as Cloud Scheduler's POST. */
export function serveHttp(run: AnyFunction, settings: Settings) {
  const answer = async (request: Request, ctx: Call, deadline = settings.deadline): Promise<Response> => {
    let parsed;
    try {
      parsed = await parsedBody(request);
    } catch (error) {
      if (error instanceof BadBody) return badRequest(error);
      throw error;
    }
    const req = new ExpressRequest(request, { brink: ctx.brink, ...parsed });
    const res = new ExpressResponse(req);
    const work = running(deadline, ({ succeed, fail }) => {
      res.on('close', succeed);
      res.on('finish', succeed);
      const returned = run(req, res);
      if (isThenable(returned)) returned.then(undefined, fail);
    });
    return responseWhile(res, { work, call: ctx });
  };
  return {
    fetch: (request: Request, _env: unknown, ctx: Call) => answer(request, ctx),
    async scheduled(controller: Scheduled, _env: unknown, ctx: Call): Promise<void> {
      const response = await answer(scheduledRequest(controller), ctx, Infinity);
      await response.arrayBuffer();
      if (!response.ok) throw new Error(`The function answered its schedule with status ${response.status}.`);
    },
  };
}

export function badRequest({ message }: BadBody): Response {
  return new Response(message, { status: 400, headers: { 'content-type': 'text/plain; charset=utf-8' } });
}

/** https://cloud.google.com/scheduler/docs/reference/rpc/google.cloud.scheduler.v1#httptarget */
function scheduledRequest({ cron, scheduledTime, id, payload }: Scheduled): Request {
  const headers = new Headers({
    'user-agent': 'Google-Cloud-Scheduler',
    'x-cloudscheduler': 'true',
    'x-cloudscheduler-jobname': id ?? cron,
    'x-cloudscheduler-scheduletime': new Date(scheduledTime).toISOString(),
  });
  if (payload === undefined) return new Request('http://localhost/', { method: 'POST', headers });
  headers.set('content-type', typeof payload === 'string' ? 'text/plain' : 'application/json');
  return new Request('http://localhost/', { method: 'POST', headers, body: textOf(payload) });
}
