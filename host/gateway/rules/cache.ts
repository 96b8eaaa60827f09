import { BrinkError } from '../../errors.ts';
import type { CacheRule } from '../../registry/gateway/cache.ts';
import type { LoadedVersion } from '../../dispatch/cell.ts';
import type { GatewayCall } from '../call.ts';
import type { Next } from '../step.ts';
import { answerOf, cacheStatus, hitOf } from '../cache/answer.ts';
import { askedOf, NOTHING_ASKED } from '../cache/asked.ts';
import { ageOf, type Entry } from '../cache/entry.ts';
import { Forward, type ForwardOptions } from '../cache/forward.ts';
import { keyFor, type KeyOf } from '../cache/key.ts';
import type { PurgeList } from '../cache/purges.ts';
import { isPersonal, type Visit } from '../cache/visit.ts';
import { isGuardedBehind } from '../guarded.ts';
import { valueIn } from '../header-lines.ts';
import { withHeaders } from '../response.ts';
import type { GatewayTools, RuleKind } from '../rules.ts';

export type CacheTools = Omit<ForwardOptions, 'rule' | 'patience'>;

/** Answers with responses that are kept, by RFC 9111 for a shared cache. */
export function cache(tools: CacheTools, whose: GatewayTools['whose']): RuleKind<'cache'> {
  return {
    name: 'cache',
    step(rule, version) {
      const cached = new CachedFunction(tools, rule, { version, whose });
      return (call, next) => (isGuardedBehind(whose, call.arrival.chosen) ? next(call) : cached.fetch(call, next));
    },
  };
}

/** RFC 9110, section 9.2.1, and those of other standards. What is not among them may have changed something. */
const SAFE = new Set(['OPTIONS', 'TRACE', 'PROPFIND', 'REPORT', 'SEARCH', 'QUERY']);
/** In ms, besides the deadline of a function. */
const MARGIN = 1_000;

interface Standing {
  readonly version: LoadedVersion;
  readonly whose: GatewayTools['whose'];
}

class CachedFunction {
  readonly #tools: CacheTools;
  readonly #rule: CacheRule;
  readonly #name: string;
  readonly #keyOf: KeyOf;
  readonly #forward: Forward;

  constructor(tools: CacheTools, rule: CacheRule, { version, whose }: Standing) {
    const { function: name, digest, secretsRevision, manifest } = version;
    this.#tools = tools;
    this.#rule = rule;
    this.#name = name;
    const place = whose === 'version' ? name : `${name}:${whose}`;
    this.#keyOf = keyFor(rule, rule.across_versions ? `${place}@` : `${place}@${digest}.${secretsRevision}`);
    this.#forward = new Forward({ ...tools, rule, patience: manifest.limits.deadline_ms + MARGIN });
  }

  fetch(call: GatewayCall, next: Next): Promise<Response> {
    const { method } = call;
    if (method !== 'GET' && method !== 'HEAD') return SAFE.has(method) ? next(call) : this.#change(call, next);
    const purges = this.#tools.responses.purges(this.#name);
    return purges instanceof Promise ? purges.then((list) => this.#come(call, next, list)) : this.#come(call, next, purges);
  }

  #come(call: GatewayCall, next: Next, purges: PurgeList): Promise<Response> {
    const field = (name: string) => call.sent(name);
    // A WebSocket is no answer to keep, and none that is kept begins one.
    if (field('upgrade') !== null) return next(call);
    const asked = this.#rule.client_control ? askedOf(field('cache-control'), field('pragma')) : NOTHING_ASKED;
    const at = { function: this.#name, key: this.#keyOf(call.target, field) };
    const visit: Visit = { call, next, field, asked, at, purges, now: call.arrival.time };
    const { responses } = this.#tools;
    const resource = responses.memory.find(at.key);
    const entry = resource === undefined ? null : responses.known(resource, purges, field);
    const response = entry === null ? null : this.#use(visit, entry);
    if (response !== null) return Promise.resolve(response);
    if (asked.noStore || isElsewhere(field)) return this.#bypass(visit);
    if (entry === null && resource !== undefined && resource.passing > visit.now && !asked.onlyIfCached)
      return this.#bypass(visit, 'uri-miss');
    return this.#beyond(visit, entry, resource !== undefined && resource.variants.length > 0 ? 'vary-miss' : 'uri-miss');
  }

  /** The answer from what is kept; null where that cannot be used as it is. RFC 9111, section 4. */
  #use(visit: Visit, entry: Entry): Response | null {
    const { asked, now, call, field } = visit;
    const { lifetime, stale, whileRevalidate } = entry.terms;
    const age = ageOf(entry, now);
    if (asked !== NOTHING_ASKED) {
      if (asked.noCache || asked.noStore || age > asked.maxAge || asked.maxAge === 0) return null;
      if (asked.minFresh > 0 && age + asked.minFresh >= lifetime) return null;
    }
    if (age >= lifetime && !(stale && age < lifetime + asked.maxStale)) {
      if (age >= lifetime + whileRevalidate || asked.minFresh > 0) return null;
      if (call.method === 'GET' && !this.#forward.isAsked(visit.at.key)) {
        const refresh = this.#forward.together(visit, { entry: whole(entry), why: 'stale', background: true });
        this.#tools.waitUntil(refresh.then(({ body }) => body?.cancel()).catch(() => {}));
      }
    }
    return hitOf(this.#tools.messages, entry, { method: call.method, field, now });
  }

  async #beyond(visit: Visit, known: Entry | null, miss: string): Promise<Response> {
    const { asked, call, at, purges, field } = visit;
    const found = known ?? (await this.#tools.responses.find(at, purges, field));
    if (known === null && found !== null) {
      const response = this.#use(visit, found);
      if (response !== null) return response;
    }
    if (asked.onlyIfCached) return call.refuse(notKept(call), { 'cache-status': cacheStatus('detail="only if cached"') });
    const entry = found && whole(found);
    const why = entry === null ? miss : asked.noCache || asked.maxAge < Infinity || asked.minFresh > 0 ? 'request' : 'stale';
    if (call.method === 'HEAD') return this.#head(visit, entry, why);
    const errand = { entry, why, background: false };
    return entry === null && field('range') !== null ? this.#forward.alone(visit, errand) : this.#forward.together(visit, errand);
  }

  /** What a function says to HEAD holds for what is kept of GET. RFC 9111, section 4.3.5. */
  async #head(visit: Visit, entry: Entry | null, why: string): Promise<Response> {
    const { call, next, at, field } = visit;
    const { messages, responses, now } = this.#tools;
    const asked = now();
    const response = await next(call);
    if (entry !== null && response.status === 200) {
      const lines = messages.lines(response);
      const same = [
        ['etag', entry.etag],
        ['last-modified', valueIn(entry.lines, 'last-modified')],
        ['content-length', String(entry.body.byteLength)],
      ].every(([name, kept]) => [null, kept].includes(valueIn(lines, name!)));
      if (same) {
        const fresh = await this.#forward.update(visit, entry, {
          lines,
          personal: isPersonal(call, field, this.#rule),
          asked,
          came: now(),
        });
        return answerOf(messages, fresh, { method: 'HEAD', field, now: now(), status: cacheStatus(`fwd=${why}; fwd-status=200; stored`) });
      }
      await responses.invalidate(at);
    }
    return withHeaders(response, (headers) => headers.append('cache-status', cacheStatus(`fwd=${why}; fwd-status=${response.status}`)));
  }

  async #bypass({ call, next }: Visit, why = 'bypass'): Promise<Response> {
    return withHeaders(await next(call), (headers) => headers.append('cache-status', cacheStatus(`fwd=${why}`)));
  }

  /** RFC 9111, section 4.4: what is kept of what it has changed is wrong now. */
  async #change(call: GatewayCall, next: Next): Promise<Response> {
    const response = await next(call);
    if (response.status < 200 || response.status >= 400) return response;
    const { responses, messages } = this.#tools;
    const lines = messages.lines(response);
    const field = (name: string) => call.sent(name);
    for (const place of new Set([call.target, ...['location', 'content-location'].map((name) => placeIn(lines, name, call.target))])) {
      if (place !== null) await responses.invalidate({ function: this.#name, key: this.#keyOf(place, field) });
    }
    if (call.method !== 'POST' || response.status !== 200 || placeIn(lines, 'content-location', call.target) !== call.target)
      return response;
    const purges = await responses.purges(this.#name);
    const at = { function: this.#name, key: this.#keyOf(call.target, field) };
    return this.#forward.keepPosted({ call, next, field, asked: NOTHING_ASKED, at, purges, now: call.arrival.time }, response);
  }
}

/** A part answers what lies in it, and is not validated. */
function whole(entry: Entry): Entry | null {
  return entry.part === null ? entry : null;
}

/** Conditions of those who change something, and a GET with a body, which may mean anything. */
function isElsewhere(field: Visit['field']): boolean {
  return (
    field('if-match') !== null ||
    field('if-unmodified-since') !== null ||
    field('transfer-encoding') !== null ||
    (field('content-length') ?? '0') !== '0'
  );
}

/** Of the same origin only. */
function placeIn(lines: readonly string[], name: string, target: string): string | null {
  const value = valueIn(lines, name);
  if (value === null || !URL.canParse(value, target)) return null;
  const place = new URL(value, target);
  place.hash = '';
  return place.origin === new URL(target).origin ? place.href : null;
}

function notKept({ target }: GatewayCall): BrinkError {
  return new BrinkError('response-not-cached', `Nothing is kept for ${target} that could be used, and the request asks for nothing else.`);
}
