import { blocking } from '../../host.ts';
import type { Factory } from '../settings.ts';
import { err, ok, OK, type Result } from '../values/result.ts';
import { attempt, containerOf, noObject, type Container } from './bucket.ts';

interface ObjectId {
  readonly container: string;
  readonly object: string;
}

const NOT_THE_GUESTS = err('Buckets are made and removed with the function’s bindings.');

/** wasi:blobstore/blobstore: containers are the buckets that are bound to the function, by the names of the bindings. */
export const blobstore: Factory = (world) => {
  const copy = async (from: Container, to: Container, source: ObjectId, target: ObjectId): Promise<Result<undefined, string>> => {
    const object = await attempt(() => from.binding.get(source.object));
    if (object.tag === 'err') return object;
    if (object.val === null) return noObject(source.object);
    const { val } = object;
    const put = await attempt(() => to.binding.put(target.object, val.body, { copied: true }));
    return put.tag === 'err' ? put : OK;
  };
  // Not async: bindings are looked up while the guest's call is under way.
  const transfer = (source: ObjectId, target: ObjectId, move: boolean): Result<undefined, string> | Promise<Result<undefined, string>> => {
    const from = containerOf(world, source.container);
    if (from.tag === 'err') return from;
    const to = containerOf(world, target.container);
    if (to.tag === 'err') return to;
    if (source.container === target.container && source.object === target.object) return OK;
    const copied = copy(from.val, to.val, source, target);
    if (!move) return copied;
    return copied.then((result) =>
      result.tag === 'err' ? result : attempt(() => from.val.binding.delete(source.object).then(() => undefined)),
    );
  };
  return {
    'create-container': () => NOT_THE_GUESTS,
    'get-container': (name: string) => containerOf(world, name),
    'delete-container': () => NOT_THE_GUESTS,
    'container-exists': (name: string) => ok(containerOf(world, name).tag === 'ok'),
    'copy-object': blocking((source: ObjectId, target: ObjectId) => transfer(source, target, false)),
    'move-object': blocking((source: ObjectId, target: ObjectId) => transfer(source, target, true)),
  };
};
