import { bucketScope } from '../scopes.ts';
import type { Manifest } from './manifest.ts';

/** What happens to objects. https://developers.cloudflare.com/r2/buckets/event-notifications/#event-types */
export type BucketEventType = 'object-create' | 'object-delete';

/** That a queue is told of what happens to objects of a bucket. */
export interface BucketRule {
  /** The bucket, as `r2` calls its scope. */
  readonly scope: string;
  readonly queue: string;
  readonly types: readonly BucketEventType[];
  /** How keys begin and end that it is about. */
  readonly prefix: string;
  readonly suffix: string;
}

/** One that is in force, by a function whose live version has it. */
export interface BucketRuleEntry extends BucketRule {
  readonly function: string;
}

/** For a version's entry. */
export function bucketRules({ name, r2_buckets: buckets = [] }: Manifest): { readonly bucketRules?: readonly BucketRule[] } {
  const rules = buckets.flatMap((bucket) =>
    (bucket.notifications ?? []).map(({ queue, event_type: types, prefix, suffix }): BucketRule => ({
      scope: bucketScope(name, bucket),
      queue,
      types,
      prefix,
      suffix,
    })),
  );
  return rules.length === 0 ? {} : { bucketRules: rules };
}
