import type { Lock, R2ObjectBody } from '../../../sdk/index.ts';
import { purge } from './cache.ts';
import { encodingsOf, faultOf, typeOf } from './content.ts';
import { entryOf, liveOf, objectOf, type Entry, type Env, type Release } from './entry.ts';
import { sha256 } from './sha256.ts';

const LARGEST = 10 * 1024 * 1024;
const KEPT = 5;

/**
 * Makes the site say what the bucket has under a name now. Messages may come twice, late, and in another order than what
 * they tell of happened: so it looks, and goes by no message. The entry is written last and in one step. Whatever this
 * crashed before, the message comes again, and then all of it is done once more to the same end.
 */
export async function publish(env: Env, name: string): Promise<void> {
  await change(env, name, async (entry, lock) => {
    const upload = await env.UPLOADS.get(name);
    if ((upload?.version ?? null) === entry.upload) {
      await upload?.body.cancel();
      return null;
    }
    if (upload === null) return { ...entry, upload: null, deleted: true, rejected: null };
    const made = await release(env, { name, upload, lock });
    if (typeof made === 'string') return { ...entry, upload: upload.version, rejected: made };
    const older = entry.releases.slice(entry.live).filter(({ hash }) => hash !== made.hash);
    const releases = [made, ...older].slice(0, KEPT);
    // Before the entry forgets them: who comes after a crash would not find them any more.
    const kept = new Set(releases.map(({ hash }) => hash));
    await discard(
      env,
      name,
      entry.releases.filter(({ hash }) => !kept.has(hash)),
    );
    return { upload: upload.version, releases, live: 0, deleted: false, rejected: null };
  });
}

/** Serves what was served before, also after the name was deleted. Null where there was nothing. */
export async function rollBack(env: Env, name: string): Promise<Entry | null> {
  return change(env, name, (entry) => {
    if (entry.deleted) return { ...entry, deleted: false };
    return entry.live + 1 < entry.releases.length ? { ...entry, live: entry.live + 1 } : null;
  });
}

type Change = (entry: Entry, lock: Lock) => Entry | null | Promise<Entry | null>;

/** One change of a name at a time. One that was paused for so long that another got the lock is refused by its fence. */
async function change(env: Env, name: string, make: Change): Promise<Entry | null> {
  return env.LOCKS.request(name, { wait: 20_000 }, async (lock) => {
    const before = await entryOf(env, name);
    const after = await make(before, lock);
    if (after === null) return null;
    await env.ENTRIES.put(name, JSON.stringify(after), { fence: lock.fence });
    if (after.rejected !== null) console.error(`${name} is not published: ${after.rejected}`);
    const was = liveOf(before);
    if (was !== null && was.hash !== liveOf(after)?.hash) await purge(name, [was]);
    return after;
  });
}

interface Upload {
  readonly name: string;
  readonly upload: R2ObjectBody;
  readonly lock: Lock;
}

/** Puts the content in its place, or says why not. Where it was put before, that is done again. */
async function release({ SITE }: Env, { name, upload, lock }: Upload): Promise<Release | string> {
  if (upload.size > LARGEST) {
    await upload.body.cancel();
    return `It has ${upload.size} bytes, and ${LARGEST} are the most.`;
  }
  const bytes = new Uint8Array(await upload.arrayBuffer());
  const type = typeOf(name);
  const fault = faultOf(type, bytes);
  if (fault !== null) return fault;
  const hash = (await sha256(bytes)).slice(0, 16);
  const encodings = await encodingsOf(type, bytes);
  await Promise.all([...encodings].map(([encoding, encoded]) => SITE.put(objectOf(name, hash, encoding), encoded, { fence: lock.fence })));
  return { hash, type, encodings: [...encodings.keys()], published: upload.uploaded.toISOString() };
}

async function discard({ SITE }: Env, name: string, releases: readonly Release[]): Promise<void> {
  const keys = releases.flatMap(({ hash, encodings }) => encodings.map((encoding) => objectOf(name, hash, encoding)));
  if (keys.length === 0) return;
  await SITE.delete(keys);
  await purge(name, releases);
}
