import { hex, sha256 } from '../bytes.ts';
import { attributeFault } from '../../sdk/cloud-event-attributes.ts';
import { checkedEvent, CloudEventError } from '../../sdk/cloud-event.ts';
import { MAX_BATCH, MAX_MESSAGE } from '../bindings/queues/limits.ts';
import type { Keeper, KeptCall } from '../dispatch/kept-call.ts';
import { endedEvent } from '../dispatch/ended.ts';
import { BrinkError, toBrinkError } from '../errors.ts';
import { problemResponse } from '../gateway/problem.ts';
import type { EventSink } from '../observe/events.ts';
import { nextTraceparent, requestIdOf } from '../observe/trace.ts';
import type { Platform } from '../platform.ts';
import { boundedBody } from './body.ts';
import { checkOrigin, checkToken, eventsOf, handshake } from './cloud-events.ts';
import { hookAt, sourceOf, type Hook } from './hook.ts';
import { postedEvent } from './json.ts';
import { counted, invalid, type Claim, type Received, type SigningKey } from './scheme.ts';
import { SCHEMES } from './schemes.ts';
import { Seen } from './seen.ts';
import { checkSigned, Keys } from './signature.ts';
import { storeEvents, type Named } from './store.ts';

export interface WebhooksOptions {
  readonly platform: Pick<Platform, 'store' | 'queues' | 'now' | 'random'>;
  readonly events: EventSink;
  /** Takes what comes to no webhook. */
  readonly next: Keeper;
}

/** Requests to a path of a version's webhooks become messages of its queue, without a cell; others go on. */
export function createWebhooks({ platform, events, next }: WebhooksOptions): Keeper {
  const { queues, now, random } = platform;
  const options = { queue: queues.queue, quota: queues.quota, seen: new Seen(platform.store), now };
  const keys = new Keys<SigningKey>((secret, { settings }) => SCHEMES[settings.scheme as keyof typeof SCHEMES].key(secret));
  const tokens = new Keys<Uint8Array>((token) => sha256(token));

  return {
    async fetch(call) {
      const hook = hookAt(call.chosen.version, call.destination.target);
      if (hook === null) return next.fetch(call);
      const mark = { time: now(), start: performance.now(), cold: false };
      const { request, chosen } = call;
      const { function: name, number: version } = chosen.version;
      const traceparent = nextTraceparent(request.headers.get('traceparent'), random);
      const failure = { response: null as Response | null, code: 'ok' };
      const response = await answer(call, hook).catch((cause: unknown) => {
        const error = toBrinkError(cause);
        failure.code = error.code;
        if (error.code === 'webhook-unready' || error.code === 'internal') report(error);
        return problemResponse(error, { members: { requestId: requestIdOf(traceparent) } });
      });
      const ended = { function: name, version, alias: chosen.alias, trigger: 'http', traceparent } as const;
      const result = { method: request.method, path: hook.settings.path, status: response.status, outcome: failure.code };
      events(endedEvent(mark, ended, result));
      return response;

      /** The sender hears less than the log. */
      function report({ cause }: BrinkError): void {
        const { message, stack = message } = cause instanceof Error ? cause : new Error(String(cause));
        events({ type: 'exception', time: now(), function: name, version, message, stack, requestId: requestIdOf(traceparent) });
      }
    },
  };

  async function answer({ request }: KeptCall, hook: Hook): Promise<Response> {
    const { scheme } = hook.settings;
    const open = scheme === 'cloudevents';
    if (request.method === 'OPTIONS' && open) return handshake(request, hook);
    if (request.method !== 'POST') {
      await request.body?.cancel();
      throw new BrinkError('method-not-allowed', 'A webhook is posted to.', { details: { allow: open ? ['POST', 'OPTIONS'] : ['POST'] } });
    }
    if (scheme === 'json') return takeJson(request, hook);
    return open ? takeCloudEvents(request, hook) : takeSigned(request, hook);
  }

  async function takeCloudEvents(request: Request, hook: Hook): Promise<Response> {
    checkOrigin(request.headers.get('webhook-request-origin'), hook);
    if (hook.settings.secret.length > 0) await checkToken(request, await tokens.of(hook));
    const body = await boundedBody(request, MAX_BATCH);
    const named = read('cloudevent-invalid', () =>
      eventsOf(request, body).map((event): Named => ({ id: `${event.source}\n${event.id}`, event })),
    );
    return counted(await storeEvents(named, hook, options));
  }

  async function takeJson(request: Request, hook: Hook): Promise<Response> {
    if (hook.settings.secret.length > 0) await checkToken(request, await tokens.of(hook));
    const body = await boundedBody(request, MAX_MESSAGE);
    const named = read('webhook-invalid', () => postedEvent(request, body, { hook, now: now() }));
    return counted(await storeEvents([named], hook, options));
  }

  async function takeSigned(request: Request, hook: Hook): Promise<Response> {
    const scheme = SCHEMES[hook.settings.scheme as keyof typeof SCHEMES];
    const { headers } = request;
    const delivery = { headers, body: await boundedBody(request, MAX_MESSAGE) };
    const claim = scheme.claim(delivery);
    await checkSigned(claim, await keys.of(hook), { now: now(), tolerance: hook.settings.tolerance });
    const received = scheme.receive(delivery, hook);
    if (received instanceof Response) return received;
    const named = read('webhook-invalid', () => namedEvent(received, claim, { hook, now: now() }));
    return scheme.accepted(await storeEvents([named], hook, options));
  }
}

/** What the sender does not say of its event, is said of its delivery. */
function namedEvent({ id, attributes, datacontenttype, data }: Received, claim: Claim, { hook, now }: { hook: Hook; now: number }): Named {
  const own = id ?? hexOf(claim);
  const { source, time } = attributes;
  const at = claim.timestamp === null ? now : claim.timestamp * 1000;
  const event = checkedEvent(
    {
      specversion: '1.0',
      ...attributes,
      id: own,
      source: source === undefined || attributeFault('source', source) !== null ? sourceOf(hook) : source,
      time: time ?? new Date(at).toISOString(),
      datacontenttype,
    },
    data,
  );
  return { id: own, event };
}

/** The same delivery has the same signature. */
function hexOf({ signatures }: Claim): string {
  return hex(signatures[0]!.bytes);
}

function read<Value>(code: 'cloudevent-invalid' | 'webhook-invalid', work: () => Value): Value {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof CloudEventError)) throw error;
    const { message, attribute } = error;
    if (code === 'webhook-invalid') throw invalid(message.replace(/\.$/, ''));
    throw new BrinkError(error.code === 'unsupported' ? 'cloudevent-unsupported' : code, message, {
      ...(attribute !== null && { details: { attribute } }),
    });
  }
}
