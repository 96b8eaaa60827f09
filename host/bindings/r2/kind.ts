import type { BindingKind } from '../binding.ts';
import { BindingError } from '../binding-error.ts';
import { bucketScope } from '../../scopes.ts';
import { bucketEvents } from './events.ts';
import { createR2Methods } from './methods.ts';

/** `r2_buckets`: by their `bucket_name`, which functions may share, or else the function's own, by the binding's name. */
export const r2: BindingKind = {
  type: 'R2Bucket',
  place: 'host',
  specs: ({ name, r2_buckets: buckets = [] }) => buckets.map((bucket) => ({ name: bucket.binding, scope: bucketScope(name, bucket) })),
  open(scope, { objects, quotas, bucketEvents: state, now }) {
    if (objects === undefined)
      throw new BindingError('This host has no place for buckets. On Cloudflare, its wrangler.toml has to name an R2 bucket as BUCKET.');
    // No part of a scope has a slash in it, so none begins as another one does.
    return createR2Methods({ objects, prefix: `${scope}/`, quota: quotas?.bucket, tell: bucketEvents({ scope, objects, state, now }) });
  },
};
