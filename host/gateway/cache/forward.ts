import type { CacheRule } from '../../registry/gateway/cache.ts';
import { valueIn } from '../header-lines.ts';
import { withHeaders } from '../response.ts';
import { answerOf, cacheStatus, forNotModified, isKnown } from './answer.ts';
import { ageOf, entryOf, freshened, mergedLines, type Entry } from './entry.ts';
import { Fill } from './fill.ts';
import { gathered } from './gathered.ts';
import type { MessageHead, Messages, Whole } from './messages.ts';
import type { Filling, Responses } from './responses.ts';
import { termsOf, type ResponseHead, type Terms } from './terms.ts';
import { isSelected, selectorsOf } from './vary.ts';
import { isPersonal, type Errand, type Visit } from './visit.ts';
import { bytesOf, tooLarge } from './body-size.ts';

export interface ForwardOptions {
  readonly rule: CacheRule;
  readonly responses: Responses;
  readonly messages: Messages;
  readonly now: () => number;
  readonly waitUntil: (promise: Promise<unknown>) => void;
  /** Whether requests cannot wait for each other's promises. */
  readonly apart: boolean;
  /** Ms after which whoever waits for another's response asks for its own. */
  readonly patience: number;
}

/** In ms: for so long each request to a place goes to the function by itself, after a response that could not be kept. */
const PASSING = 10_000;
const CONDITIONS = ['if-none-match', 'if-modified-since', 'if-range', 'range'];
/** RFC 5861, section 4. */
const ERRORS = new Set([500, 502, 503, 504]);

type ResponseFill = Fill<Filling, Entry>;

/** Asks a function for what a cache has not, or not any more, and keeps what it may. */
export class Forward {
  readonly #options: ForwardOptions;

  constructor(options: ForwardOptions) {
    this.#options = options;
  }

  /** For all who want it now. */
  together(visit: Visit, errand: Errand): Promise<Response> {
    const { responses } = this.#options;
    const { key } = visit.at;
    const running = visit.asked.noCache || errand.background ? undefined : responses.fills.get(key);
    if (running !== undefined && !running.large) return this.#follow(running, visit, errand);
    const fill = this.#fill(visit);
    responses.fills.set(key, fill);
    const answer = this.#lead(fill, visit, errand);
    // Else the runtime would end it with its client, and those who wait would never hear.
    if (this.#options.apart) this.#options.waitUntil(answer.then(ignore, ignore));
    return answer;
  }

  /** For one who wants a part, which is not what others want. */
  alone(visit: Visit, errand: Errand): Promise<Response> {
    return this.#lead(this.#fill(visit), visit, errand);
  }

  isAsked(key: string): boolean {
    return this.#options.responses.fills.has(key);
  }

  #fill({ at, call, purges, field }: Visit): ResponseFill {
    const { rule, responses, apart, now, waitUntil } = this.#options;
    const asked = now();
    const fill: ResponseFill = new Fill<Filling, Entry>({
      most: rule.max_size_kb * 1024,
      apart,
      filled: (head, body) => {
        const came = now();
        const terms = termsOf(head, { rule, personal: isPersonal(call, field, rule), asked, came })!;
        const entry = this.#entry(head, body, { terms, visit: { at, call, purges }, came });
        if (this.#isWanted(fill, at.key, entry)) waitUntil(responses.put(at, entry));
        return entry;
      },
    });
    return fill;
  }

  async #lead(fill: ResponseFill, visit: Visit, errand: Errand): Promise<Response> {
    const { fills } = this.#options.responses;
    const over = () => {
      if (fills.get(visit.at.key) === fill) fills.delete(visit.at.key);
    };
    try {
      const response = await this.#ask(fill, visit, { ...errand, over });
      if (fill.state !== 'coming') over();
      return response;
    } catch (error) {
      over();
      fill.fail();
      throw error;
    }
  }

  async #ask(fill: ResponseFill, visit: Visit, errand: Errand & { readonly over: () => void }): Promise<Response> {
    const { messages, now, rule } = this.#options;
    const { entry, background } = errand;
    const { call, field } = visit;
    const asked = now();
    const response = await this.#send(fill, visit, errand);
    const came = now();
    const head = { status: response.status, statusText: response.statusText, lines: messages.lines(response) };
    const personal = isPersonal(call, field, rule);
    if (head.status === 304 && entry !== null) {
      const fresh = await this.#validated(visit, entry, { lines: head.lines, personal, asked, came });
      if (fresh === null) return this.#ask(fill, visit, { ...errand, entry: null });
      fill.complete(fresh);
      return this.#answer(visit, fresh, `fwd=${errand.why}; fwd-status=304; stored`);
    }
    if (entry !== null && ERRORS.has(head.status) && this.#mayBeStale(visit, entry)) {
      await response.body?.cancel();
      fill.complete(entry);
      return this.#answer(visit, entry, `fwd=${errand.why}; fwd-status=${head.status}; detail="stale if error"`);
    }
    const terms = termsOf(head, { rule, personal, asked, came });
    const whole = terms === null ? undefined : messages.whole(response);
    if (terms === null || tooLarge(head, whole, rule)) return this.#pass(fill, visit, { response, head, errand });
    const said = `fwd=${errand.why}; fwd-status=${head.status}; stored`;
    if (whole !== undefined) {
      const kept = this.#entry(head, bytesOf(whole), { terms, visit, came });
      if (this.#isWanted(fill, visit.at.key, kept)) this.#options.waitUntil(this.#options.responses.put(visit.at, kept));
      fill.complete(kept);
      // A part is given as it came.
      return head.status === 206 ? this.#given(head, whole, said) : this.#answer(visit, kept, said);
    }
    const measured = valueIn(head.lines, 'content-length') !== null;
    const run = fill.run({ ...head, selectors: selectorsOf(head.lines, field) }, response.body!, measured).then(errand.over);
    this.#options.waitUntil(run);
    return background ? new Response(null) : this.#streamed(fill, visit, said);
  }

  /** Without what the client has already; with what is kept. */
  async #send(fill: ResponseFill, visit: Visit, { entry, background }: Errand): Promise<Response> {
    const { call, field, next } = visit;
    const controller = new AbortController();
    const apart = call.apart(controller.signal);
    for (const name of CONDITIONS) if (field(name) !== null && (name !== 'range' || entry !== null)) apart.setHeader(name, null);
    if (entry !== null && entry.etag !== null) apart.setHeader('if-none-match', entry.etag);
    const modified = entry === null ? null : valueIn(entry.lines, 'last-modified');
    if (modified !== null) apart.setHeader('if-modified-since', modified);
    if (background) return next(apart);
    const client = call.signal;
    const left = () => {
      // Others may wait for it.
      if (fill.followers === 0) controller.abort(client.reason);
    };
    if (client.aborted) left();
    client.addEventListener('abort', left);
    try {
      const response = await next(apart);
      call.went(apart);
      return response;
    } finally {
      client.removeEventListener('abort', left);
    }
  }

  /** The entry as a 304 makes it; null where that is about another representation. RFC 9111, section 4.3.4. */
  async #validated(visit: Visit, entry: Entry, told: Told): Promise<Entry | null> {
    const tag = valueIn(told.lines, 'etag');
    const other = tag !== null && !tag.startsWith('W/') && entry.etag !== null && tag !== entry.etag;
    return other ? null : this.update(visit, entry, told);
  }

  /** The entry with other header lines, kept where it may be. */
  async update(visit: Visit, entry: Entry, { lines, personal, asked, came }: Told): Promise<Entry> {
    const { responses, rule, waitUntil } = this.#options;
    const dated = valueIn(lines, 'date') === null ? [...lines, 'date', new Date(came).toUTCString()] : lines;
    const terms = termsOf({ status: entry.status, lines: mergedLines(entry, dated) }, { rule, personal, asked, came });
    if (terms === null) {
      await responses.invalidate(visit.at);
      return entry;
    }
    const fresh = freshened(entry, { lines: dated, terms, came, purges: visit.purges.count });
    waitUntil(responses.put(visit.at, fresh));
    return fresh;
  }

  async #pass(fill: ResponseFill, visit: Visit, { response, head, errand }: Passed): Promise<Response> {
    const { responses, messages, now } = this.#options;
    fill.leave();
    if (!ERRORS.has(head.status)) {
      if (errand.entry !== null) await responses.invalidate(visit.at);
      responses.memory.pass(visit.at.key, now() + PASSING);
    }
    const { field } = visit;
    const said = cacheStatus(`fwd=${errand.why}; fwd-status=${head.status}`);
    if (head.status === 200 && isKnown(head.lines, field, now())) {
      await response.body?.cancel();
      return messages.make({ status: 304, statusText: '', lines: [...forNotModified(head.lines), 'cache-status', said] }, null);
    }
    return withHeaders(response, (headers) => headers.append('cache-status', said));
  }

  async #follow(fill: ResponseFill, visit: Visit, errand: Errand): Promise<Response> {
    const { now, patience } = this.#options;
    const { field, call, next } = visit;
    const until = now() + patience;
    fill.followers++;
    try {
      while (fill.state === 'asking' && now() < until) await fill.wait();
    } finally {
      fill.followers--;
    }
    const { state, head, result } = fill;
    const said = `fwd=${errand.why}; collapsed`;
    if (result !== null && result.part === null && isSelected(result.selectors, field, result.language))
      return this.#answer(visit, result, said);
    if (state === 'coming' && !fill.large && head !== null && isSelected(head.selectors, field)) return this.#streamed(fill, visit, said);
    if (state === 'alone')
      return withHeaders(await next(call), (headers) => headers.append('cache-status', cacheStatus(`fwd=${errand.why}`)));
    const { fills } = this.#options.responses;
    if (fills.get(visit.at.key) === fill) fills.delete(visit.at.key);
    return this.together(visit, errand);
  }

  #streamed(fill: ResponseFill, visit: Visit, said: string): Response {
    const { messages, now } = this.#options;
    const { status, statusText, lines } = fill.head!;
    visit.call.reach();
    const shown = [...lines, 'cache-status', cacheStatus(said)];
    if (status === 200 && isKnown(lines, visit.field, now()))
      return messages.make({ status: 304, statusText: '', lines: forNotModified(shown) }, null);
    return messages.make({ status, statusText, lines: shown }, fill.stream());
  }

  /**
   * What a POST has said of its own URL, for those who GET it, where it says how long that holds: RFC 9110, section 9.3.3.
   * The response is returned as it was, or the same.
   */
  async keepPosted(visit: Visit, response: Response): Promise<Response> {
    const { messages, rule, responses, waitUntil } = this.#options;
    const head = { status: response.status, statusText: response.statusText, lines: messages.lines(response) };
    const came = this.#options.now();
    const terms = termsOf(head, { rule: notGuessed(rule), personal: isPersonal(visit.call, visit.field, rule), asked: visit.now, came });
    if (terms === null || terms.lifetime === 0 || tooLarge(head, undefined, rule)) return response;
    const body = messages.whole(response) ?? (await gathered(response.body!, rule.max_size_kb * 1024));
    if (!(body instanceof ReadableStream)) waitUntil(responses.put(visit.at, this.#entry(head, bytesOf(body), { terms, visit, came })));
    return messages.make(head, body);
  }

  #given(head: MessageHead, body: Whole, said: string): Response {
    return this.#options.messages.make({ ...head, lines: [...head.lines, 'cache-status', cacheStatus(said)] }, body);
  }

  #answer({ call, field }: Visit, entry: Entry, status: string): Response {
    return answerOf(this.#options.messages, entry, { method: call.method, field, now: this.#options.now(), status: cacheStatus(status) });
  }

  #entry(head: Filling | (ResponseHead & { statusText: string }), body: Uint8Array<ArrayBuffer>, made: Made): Entry {
    const { call, purges } = made.visit;
    const selectors = 'selectors' in head ? head.selectors : selectorsOf(head.lines, (name) => call.sent(name));
    const { terms, came } = made;
    return entryOf({ head, body, terms, selectors, came, url: call.arrival.request.url, target: call.target, purges: purges.count });
  }

  /** Not where it was invalidated meanwhile, nor a part that is not as long as it says. */
  #isWanted(fill: ResponseFill, key: string, { status, part, body }: Entry): boolean {
    if (status === 206) return part !== null && part.end - part.start === body.byteLength;
    return this.#options.responses.fills.get(key) === fill;
  }

  #mayBeStale({ asked, now }: Visit, entry: Entry): boolean {
    const { lifetime, stale, ifError } = entry.terms;
    return stale && ageOf(entry, now) < lifetime + Math.max(ifError, asked.ifError);
  }
}

interface Told {
  readonly lines: readonly string[];
  readonly personal: boolean;
  readonly asked: number;
  readonly came: number;
}

interface Passed {
  readonly response: Response;
  readonly head: ResponseHead;
  readonly errand: Errand;
}

interface Made {
  readonly terms: Terms;
  readonly visit: Pick<Visit, 'call' | 'purges' | 'at'>;
  readonly came: number;
}

const ignore = () => {};
const notGuessed = (rule: CacheRule): CacheRule => ({ ...rule, heuristic: false, ttl: 0 });
