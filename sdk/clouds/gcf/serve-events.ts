import { eachMessage, textOf, type Batch } from '../messages.ts';
import type { Call, Settings } from '../settings.ts';
import { running } from '../running.ts';
import { base64 } from '../text.ts';
import { callBackground } from './background.ts';
import { BadBody, parsedBody } from './body.ts';
import { cloudEventOf, eventOfMessage, type CloudEvent } from './cloud-event.ts';
import type { Registered } from './framework.ts';
import { badRequest } from './serve-http.ts';

interface Scheduled {
  readonly cron: string;
  readonly scheduledTime: number;
  readonly id: string | null;
  readonly payload?: unknown;
}

const utf8 = new TextEncoder();

/** A function of CloudEvents, or of events of the first generation: over HTTP, from queues and from schedules. */
export function serveEvents({ signature, run }: Registered, settings: Settings) {
  const take = (event: CloudEvent, deadline = settings.deadline) =>
    running(deadline, ({ succeed, fail }) => {
      const returned = signature === 'event' ? callBackground(run, event) : Promise.resolve(run(event));
      returned.then(succeed, fail);
    });
  return {
    async fetch(request: Request): Promise<Response> {
      let event: CloudEvent;
      try {
        event = cloudEventOf(request.headers, (await parsedBody(request)).body);
      } catch (error) {
        if (error instanceof BadBody) return badRequest(error);
        throw error;
      }
      await take(event);
      return new Response(null, { status: 204 });
    },
    async queue(batch: Batch): Promise<void> {
      await eachMessage(batch, (message) => take(eventOfMessage(message, batch.queue)));
    },
    async scheduled({ cron, scheduledTime, id, payload }: Scheduled, _env: unknown, { brink }: Call): Promise<void> {
      const event = {
        specversion: '1.0',
        id: brink.requestId,
        source: `//cloudscheduler.googleapis.com/projects/brink/jobs/${encodeURIComponent(id ?? cron)}`,
        type: 'google.cloud.scheduler.job.v1.executed',
        time: new Date(scheduledTime).toISOString(),
        datacontenttype: 'application/json',
        data: { customData: payload === undefined ? '' : base64(utf8.encode(textOf(payload))) },
      };
      await take(event, Infinity);
    },
  };
}
