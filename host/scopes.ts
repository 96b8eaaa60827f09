/** Where the objects of a bucket lie: one that functions share, by its name, or else the function's own. */
export function bucketScope(name: string, { binding, bucket_name: bucket }: { binding: string; bucket_name?: string }): string {
  return bucket === undefined ? `function/${name}/${binding}` : `bucket/${bucket}`;
}

/** As events name the bucket, the namespace or the database. */
export function nameOfScope(scope: string): string {
  return scope.slice(scope.indexOf('/') + 1);
}

/** Where the keys of a namespace lie: one that functions share, by its id, or else the function's own. */
export function namespaceScope(name: string, { binding, id }: { binding: string; id?: string | undefined }): string {
  return id === undefined ? `function/${name}/${binding}` : `id/${id}`;
}

export interface DatabaseOwner {
  readonly id: string | undefined;
  readonly function: string;
  readonly binding: string;
}

/** The same of a database. */
export function databaseScope({ id, function: name, binding }: DatabaseOwner): string {
  return namespaceScope(name, { binding, id });
}

/** One side of a shadow, whose writes are kept apart; no other has its name. */
export function scratchName({ function: name, id, side }: { function: string; id: number; side: string }): string {
  return `${name}.${id}.${side}`;
}

/** Where its bindings write instead, where that goes by scopes. */
export function scratchScope(scratch: string, scope: string): string {
  return `shadow/${scratch}/${encodeURIComponent(scope)}`;
}
