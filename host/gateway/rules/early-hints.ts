import type { LoadedVersion } from '../../dispatch/cell.ts';
import type { Interim } from '../../platform.ts';
import type { Messages } from '../cache/messages.ts';
import type { GatewayCall } from '../call.ts';
import { isGuardedBehind } from '../guarded.ts';
import { valueIn } from '../header-lines.ts';
import { HINTING_STATUSES, hintsOf, isForOne } from '../hints/learned.ts';
import { HintMemory, type Hints } from '../hints/memory.ts';
import { asksForLater } from '../prefer.ts';
import type { GatewayTools, RuleKind } from '../rules.ts';

/** Of all functions. */
const MOST = { entries: 10_000, bytes: 4 * 1024 * 1024 };
/** What is longer is asked for once. */
const MAX_TARGET = 2_048;
/** RFC 8297, section 2. */
const EARLY_HINTS = 103;

/** Tells browsers what to fetch while the function is at work. RFC 8297. */
export function earlyHintsRule(messages: Messages, whose: GatewayTools['whose']): RuleKind<'early_hints'> {
  const memory = new HintMemory(MOST);
  return {
    name: 'early_hints',
    filter({ links, learn }, version) {
      const lines = links.flatMap((link) => ['link', link]);
      const ofVersion = placeOf(version);
      const deferrable = version.manifest.async !== undefined;
      return (call) => {
        if (call.method !== 'GET') return undefined;
        const { interim } = call.arrival.connection;
        // Nobody hears of anything before it is known who may call.
        if (interim === undefined || isGuardedBehind(whose, call.arrival.chosen)) return undefined;
        const field = (name: string) => call.sent(name);
        const takes = takesHints(call, interim) && !(deferrable && asksForLater(field('prefer')));
        if (takes && lines.length > 0) interim.send(EARLY_HINTS, lines);
        if (!learn || isPersonal(call)) return undefined;
        const places = placesOf(ofVersion, call.target);
        if (places === null) return undefined;
        const own = memory.find(places.own, field);
        const known = own ?? (places.plain === null ? null : memory.find(places.plain, field));
        if (takes && known !== null) interim.send(EARLY_HINTS, known.lines);
        return (response) => {
          learnOf(response, { places, known, own });
          return response;
        };

        function learnOf(response: Response, at: { places: Places; known: Hints | null; own: Hints | null }): void {
          if (!HINTING_STATUSES.has(response.status)) return;
          const said = messages.lines(response);
          const link = valueIn(said, 'link');
          if (link === (at.known?.field ?? null) || isForOne(said)) return;
          const hints = link === null ? null : hintsOf(link, said, field);
          if (hints === null) memory.delete(at.places.own, field);
          else memory.put(at.places.own, hints, field);
        }
      };
    },
  };
}

/** Another version begins with nothing known, and so does one with other secrets. */
function placeOf({ artifact, secretsRevision }: LoadedVersion): string {
  return `${artifact}.${secretsRevision} `;
}

interface Places {
  readonly own: string;
  /** Without its query; null where it has none. */
  readonly plain: string | null;
}

/**
 * Of a URL with a query, its own: what a query has a function say is said to those alone who have it in their URL. Where there
 * is nothing, what holds for the URL without one. null where it is too long for either.
 */
function placesOf(version: string, target: string): Places | null {
  if (target.length > MAX_TARGET) return null;
  const query = target.indexOf('?');
  return { own: version + target, plain: query === -1 ? null : version + target.slice(0, query) };
}

/**
 * Whether it is a navigation, or may be, and the client takes an interim response for what it is: one of HTTP/1.1 that does not
 * may take what follows for the answer to another request. RFC 8297, section 3; https://www.w3.org/TR/fetch-metadata/
 */
function takesHints(call: GatewayCall, { framed }: Interim): boolean {
  const mode = call.header('sec-fetch-mode');
  return (mode === null ? framed : mode === 'navigate') && call.header('upgrade') === null;
}

/** Made for who says who they are, and for them alone. RFC 9111, section 3.5. */
function isPersonal(call: GatewayCall): boolean {
  return call.principal !== null || call.sent('authorization') !== null;
}
