/** Where the objects of a bucket lie: one that functions share, by its name, or else the function's own. */
export function bucketScope(name: string, { binding, bucket_name: bucket }: { binding: string; bucket_name?: string }): string {
  return bucket === undefined ? `function/${name}/${binding}` : `bucket/${bucket}`;
}

/** As events name the bucket. */
export function bucketNameOf(scope: string): string {
  return scope.slice(scope.indexOf('/') + 1);
}
