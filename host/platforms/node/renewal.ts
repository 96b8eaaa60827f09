import type { EventSink, NoticeEvent } from '../../observe/events.ts';
import type { ShownCertificate, TlsOptions } from '../running.ts';
import { isSame, readPair, type Pair } from './pair.ts';
import type { Keys } from './secure.ts';

export interface RenewalOptions {
  /** Which is in use at first. */
  readonly pair: Pair;
  /** Takes what is in use from then on. */
  readonly renew: (keys: Keys) => void;
  readonly emit: EventSink;
}

export interface Renewal {
  /** Which is in use. */
  certificate(): ShownCertificate;
  /** Reads the files now, and says what it found. */
  reread(): Promise<void>;
  stop(): void;
}

const EVERY = 10_000;
export const DAY = 24 * 3_600_000;
/** Who renews by itself has done so long before, and a person still has the time to. */
export const SOON = 14 * DAY;

/**
 * Looks at the files now and then, whole: they are small, and what changes may be a link on the way to them, as certbot and
 * Kubernetes have it, of which no event tells. Says once a day that what is in use is about to end.
 */
export function watchPair(files: TlsOptions, { pair, renew, emit }: RenewalOptions): Renewal {
  let used = pair;
  /** What was wrong when it was looked last: two files are not written at once, so it is said at the second look. */
  let wrong = { message: '', seen: false, said: false };
  const say = (level: NoticeEvent['level'], message: string) =>
    emit({ type: 'host', time: Date.now(), function: '*', version: 0, level, message });

  async function look(asked: boolean): Promise<void> {
    try {
      const next = await readPair(files);
      wrong = { message: '', seen: false, said: false };
      if (isSame(next, used)) return asked ? say('info', `The certificate has not changed: ${shownText(used.shown)}.`) : undefined;
      renew(next.keys);
      used = next;
      say('info', `New connections get another certificate: ${shownText(used.shown)}.`);
      sayEnd();
    } catch (error) {
      const { message } = error as Error;
      const before = message === wrong.message ? wrong : { seen: false, said: false };
      const due = asked || (before.seen && !before.said);
      wrong = { message, seen: true, said: before.said || due };
      if (due) say('error', `${message} The certificate before stays in use: ${shownText(used.shown)}.`);
    }
  }

  function sayEnd(): void {
    const left = used.shown.until - Date.now();
    if (left > SOON) return;
    const when = left < 0 ? 'has ended' : `ends in ${Math.floor(left / DAY)} days`;
    say('warn', `The certificate ${when}: ${shownText(used.shown)}. Renew it; the files are read again by themselves.`);
  }

  sayEnd();
  const looking = setInterval(() => void look(false), files.every ?? EVERY).unref();
  const daily = setInterval(sayEnd, DAY).unref();
  return {
    certificate: () => used.shown,
    reread: () => look(true),
    stop() {
      clearInterval(looking);
      clearInterval(daily);
    },
  };
}

export function shownText({ names, until }: ShownCertificate): string {
  return `${names.join(', ')}, until ${new Date(until).toISOString()}`;
}
