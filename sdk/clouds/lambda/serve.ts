import { eachMessage, type Batch } from '../messages.ts';
import type { Call, LambdaSettings, Settings } from '../settings.ts';
import { changesEvent } from './dynamodb.ts';
import { eventBridgeEvent, scheduledEvent, type Scheduled } from './eventbridge.ts';
import { httpAnswer, jsonOf } from './http-answer.ts';
import { httpEvent } from './http-events.ts';
import { httpParts } from './http-parts.ts';
import type { Invoke } from './invoke.ts';
import { settleInOrder, settlePartly } from './partial.ts';
import { s3Event } from './s3.ts';
import { snsEvent } from './sns.ts';
import { sqsEvent } from './sqs.ts';

type Fetch = (request: Request, env: unknown, ctx: Call) => Promise<Response>;

/** Answers requests by the event that `[lambda] event` names. */
export function serveHttp(invoke: Invoke, { lambda }: Settings): Fetch {
  return async (request, _env, ctx) => {
    const result = await invoke(await eventOf(request, { lambda, ctx }), ctx);
    if (lambda.event !== 'direct') return httpAnswer(lambda, result);
    return new Response(jsonOf(result), { headers: { 'content-type': 'application/json' } });
  };
}

export function serveStream(answer: (event: unknown, call: Call) => Promise<Response>, { lambda }: Settings): Fetch {
  return async (request, _env, ctx) => answer(await eventOf(request, { lambda, ctx }), ctx);
}

/** Takes schedules and messages by the events that they are on AWS. */
export function serveEvents(invoke: Invoke, { lambda }: Settings) {
  return {
    async scheduled(controller: Scheduled, _env: unknown, ctx: Call): Promise<void> {
      await invoke(scheduledEvent(controller), ctx);
    },
    async queue(batch: Batch, _env: unknown, ctx: Call): Promise<void> {
      await takeBatch(batch, { lambda, invoke: (event) => invoke(event, ctx) });
    },
  };
}

interface Taking {
  readonly lambda: LambdaSettings;
  readonly invoke: (event: unknown) => Promise<unknown>;
}

async function takeBatch(batch: Batch, { lambda, invoke }: Taking): Promise<void> {
  const { queue, messages } = batch;
  const kind = Object.hasOwn(lambda.queues, queue) ? lambda.queues[queue]! : 'sqs';
  switch (kind) {
    case 'sqs': {
      const result = await invoke(sqsEvent(batch));
      if (lambda.partial_batches) settlePartly(result, new Map(messages.map((message) => [message.id, message])));
      return undefined;
    }
    case 'dynamodb': {
      const { event, messages: byNumber } = changesEvent(batch);
      const result = await invoke(event);
      if (lambda.partial_batches) settleInOrder(result, byNumber);
      return undefined;
    }
    // Those come one by one on AWS, and handlers look at the first record alone.
    case 's3':
      return eachMessage(batch, (message) => invoke(s3Event(message)));
    case 'sns':
      return eachMessage(batch, (message) => invoke(snsEvent(message, queue)));
    case 'eventbridge':
      return eachMessage(batch, (message) => invoke(eventBridgeEvent(message, queue)));
  }
}

async function eventOf(request: Request, { lambda, ctx }: { lambda: LambdaSettings; ctx: Call }): Promise<unknown> {
  if (lambda.event !== 'direct')
    return httpEvent(lambda, await httpParts(request, { brink: ctx.brink, formsAreText: lambda.event === 'v1' }));
  const text = await request.text();
  try {
    return text === '' ? {} : (JSON.parse(text) as unknown);
  } catch (cause) {
    throw new SyntaxError('The request has to bring the event as JSON.', { cause });
  }
}
