import type { AliasRecord, FunctionRecord } from './record.ts';
import { releasesOf, withRelease } from './release-change.ts';
import { isActive, MAX_MOVES, type Hand, type MoveEntry } from './release-record.ts';

/**
 * What a change of a record does besides: each move of an alias is written down, and ends the release of that alias, where it
 * is not the release's own. One step with the move itself, so no crash comes between.
 */
export function withMoves(
  before: FunctionRecord | null,
  after: FunctionRecord,
  { now, hand }: { now: number; hand: Hand },
): FunctionRecord {
  if (before !== null && before.aliases === after.aliases) return after;
  const made = movesBetween(before, after).map((move): MoveEntry => {
    return { ...move, time: now, by: hand.by, why: hand.why ?? null, overrideFreeze: hand.overrideFreeze ?? null };
  });
  if (made.length === 0) return after;
  const noted: FunctionRecord = { ...after, moves: [...made, ...(after.moves ?? [])].slice(0, MAX_MOVES) };
  return made.reduce((record: FunctionRecord, { alias, revision }) => {
    const release = releasesOf(record).find((each) => each.alias === alias && isActive(each));
    if (!release || release.id === hand.release) return record;
    const reason = `${alias} was moved to revision ${revision} by ${hand.by}, and no more by the release`;
    return withRelease(record, { ...release, state: 'aborted', verdict: { time: now, reason, figures: [] } });
  }, noted);
}

type Move = Pick<MoveEntry, 'alias' | 'from' | 'to' | 'revision'>;

function movesBetween(before: FunctionRecord | null, { aliases }: FunctionRecord): Move[] {
  const earlier = before?.aliases ?? {};
  return [...new Set([...Object.keys(earlier), ...Object.keys(aliases)])].flatMap((alias): Move[] => {
    const [was, is] = [ownIn(earlier, alias), ownIn(aliases, alias)];
    if (was?.revision === is?.revision && (was === undefined) === (is === undefined)) return [];
    return [{ alias, from: was?.versions ?? null, to: is?.versions ?? null, revision: (is ?? was)!.revision }];
  });
}

/** An alias may be called "constructor". */
function ownIn(aliases: FunctionRecord['aliases'], alias: string): AliasRecord | undefined {
  return Object.hasOwn(aliases, alias) ? aliases[alias] : undefined;
}
