import type { StoredObject } from '../../stores/objects.ts';
import type { WireConditions, WireEtag } from './wire.ts';

/** Whether they hold, as R2 has it: RFC 9110, section 13.2.2, but for objects that are not there. */
export function conditionsHold(conditions: WireConditions, object: Pick<StoredObject, 'etag' | 'uploaded'> | null): boolean {
  const { etagMatches, etagDoesNotMatch, uploadedBefore, uploadedAfter, secondsGranularity } = conditions;
  if (object === null) return etagMatches === undefined && uploadedAfter === undefined;
  const time = (ms: number) => (secondsGranularity === true ? Math.floor(ms / 1000) * 1000 : ms);
  const uploaded = time(object.uploaded);
  const matches = etagMatches === undefined || names(etagMatches, object.etag, false);
  const differs = etagDoesNotMatch === undefined || !names(etagDoesNotMatch, object.etag, true);
  // An etag counts before a time.
  const after = uploadedAfter === undefined || time(uploadedAfter) < uploaded || (etagDoesNotMatch !== undefined && differs);
  const before = uploadedBefore === undefined || uploaded < time(uploadedBefore) || (etagMatches !== undefined && matches);
  return matches && differs && after && before;
}

function names(etags: readonly WireEtag[], etag: string, weak: boolean): boolean {
  return etags.some((each) => each.type === 'wildcard' || (each.value === etag && (weak || each.type === 'strong')));
}
