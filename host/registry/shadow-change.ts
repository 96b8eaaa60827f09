import { BrinkError } from '../errors.ts';
import { aliasByName, versionByNumber } from './change.ts';
import type { FunctionRecord } from './record.ts';
import type { Hand } from './release-record.ts';
import { MAX_SHADOWS, type ShadowEnd, type ShadowOutbound, type ShadowRecord } from './shadow-record.ts';

/** The changes of a function's record that shadows make, as pure functions: what they refuse, they throw. */

export interface ShadowRequest {
  readonly alias: string;
  readonly to: number;
  readonly share: number;
  /** Those that can be read. */
  readonly ignore: readonly string[];
  readonly outbound: ShadowOutbound;
  readonly baseline: boolean;
  /** Ms until it ends by itself. */
  readonly lasts?: number | undefined;
}

export const MAX_RULES = 50;
const MIN_LASTS = 1_000;
const MAX_LASTS = 30 * 86_400_000;

/** @throws {BrinkError} `shadow-invalid`, `shadow-conflict`, `alias-not-found`, `version-not-found` */
export function addShadow(record: FunctionRecord, request: ShadowRequest, { now, hand }: { now: number; hand: Hand }): FunctionRecord {
  const { alias, to, share, ignore, outbound, baseline, lasts } = request;
  check(request);
  const { versions } = aliasByName(record, alias);
  versionByNumber(record, to);
  const running = shadowsOf(record).find((each) => each.alias === alias && each.end === null);
  if (running) {
    throw new BrinkError(
      'shadow-conflict',
      `Shadow ${running.id} of ${record.name}@${alias} is under way. End it first with \`brink shadow stop ${record.name} --id ${running.id}\`.`,
      { details: { shadow: running.id } },
    );
  }
  if (versions.every(({ version }) => version === to))
    throw invalid(`${record.name}@${alias} names version ${to} alone, which cannot be compared with itself`);
  const shadow: ShadowRecord = {
    id: Math.max(0, ...shadowsOf(record).map(({ id }) => id)) + 1,
    alias,
    to,
    share,
    ignore,
    outbound,
    baseline,
    startedAt: now,
    until: lasts === undefined ? null : now + lasts,
    revision: 1,
    by: hand.by,
    why: hand.why ?? null,
    end: null,
  };
  return { ...record, shadows: kept([shadow, ...shadowsOf(record)]) };
}

/** @throws {BrinkError} `shadow-not-found`, `shadow-conflict` where it has ended */
export function stopShadow(record: FunctionRecord, id: number, { now, hand }: { now: number; hand: Hand }): FunctionRecord {
  const shadow = shadowById(record, id);
  if (shadow.end !== null)
    throw new BrinkError('shadow-conflict', `Shadow ${id} of ${record.name} has ended already.`, { details: { shadow: id } });
  return withEnd(record, shadow, { time: now, by: hand.by, reason: `stopped${hand.why ? `: ${hand.why}` : ''}` });
}

/** Ends the shadows that cannot go on: their time is up, or what they are of is gone. The record as it is where none ends. */
export function settleShadows(record: FunctionRecord, { now, by }: { now: number; by: string }): FunctionRecord {
  let settled = record;
  for (const shadow of shadowsOf(record)) {
    if (shadow.end !== null) continue;
    const reason = reasonToEnd(record, shadow, now);
    if (reason !== null) settled = withEnd(settled, shadow, { time: now, by: reason.own ? 'host' : by, reason: reason.text });
  }
  return settled;
}

/** What its writes have left is removed. */
export function shadowCleared(record: FunctionRecord, id: number): FunctionRecord {
  const shadow = shadowsOf(record).find((each) => each.id === id);
  if (!shadow?.end || shadow.end.cleared) return record;
  return withShadow(record, { ...shadow, end: { ...shadow.end, cleared: true } });
}

/** @throws {BrinkError} `shadow-not-found` */
export function shadowById(record: FunctionRecord, id: number): ShadowRecord {
  const found = shadowsOf(record).find((each) => each.id === id);
  if (found) return found;
  throw new BrinkError('shadow-not-found', `${record.name} has no shadow ${id}. \`brink shadow ls ${record.name}\` lists them.`, {
    details: { function: record.name, shadow: id },
  });
}

export function shadowsOf({ shadows = [] }: Pick<FunctionRecord, 'shadows'>): readonly ShadowRecord[] {
  return shadows;
}

function reasonToEnd(
  { versions, aliases }: FunctionRecord,
  { alias, to, until }: ShadowRecord,
  now: number,
): { text: string; own?: true } | null {
  if (until !== null && until <= now) return { text: 'its time was up', own: true };
  if (!versions.some(({ number }) => number === to)) return { text: `version ${to} was removed` };
  if (!Object.hasOwn(aliases, alias)) return { text: `the alias ${alias} was removed` };
  if (aliases[alias]!.versions.every(({ version }) => version === to)) return { text: `${alias} names version ${to} alone now` };
  return null;
}

function withEnd(record: FunctionRecord, shadow: ShadowRecord, end: Omit<ShadowEnd, 'cleared'>): FunctionRecord {
  return withShadow(record, { ...shadow, end: { ...end, cleared: false } });
}

function withShadow(record: FunctionRecord, shadow: ShadowRecord): FunctionRecord {
  const next = { ...shadow, revision: shadow.revision + 1 };
  return { ...record, shadows: shadowsOf(record).map((each) => (each.id === shadow.id ? next : each)) };
}

/** The newest, and those of the others whose writes are not removed yet. */
function kept(shadows: readonly ShadowRecord[]): readonly ShadowRecord[] {
  return shadows.filter(({ end }, index) => index < MAX_SHADOWS || end?.cleared !== true);
}

function check({ share, ignore, lasts }: ShadowRequest): void {
  const hundredths = Math.round(share * 100);
  if (!(hundredths >= 1 && share <= 100) || Math.abs(hundredths - share * 100) > 1e-6)
    throw invalid(`Its share is ${share}; that is a percent above 0 and up to 100, with at most two decimals`);
  if (ignore.length > MAX_RULES) throw invalid(`It has ${ignore.length} rules of what to ignore, and takes ${MAX_RULES}`);
  if (lasts !== undefined && !(lasts >= MIN_LASTS && lasts <= MAX_LASTS)) throw invalid('It lasts 1 s to 30 days');
}

function invalid(message: string): BrinkError {
  return new BrinkError('shadow-invalid', `${message}. Write \`brink shadow start fn --to 7 --share 5% --for 1h\`.`);
}
