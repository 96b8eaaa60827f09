import type { KVNamespace, Message, Queue } from '../../../sdk/index.ts';

export interface Env {
  readonly USERS: KVNamespace;
  /** Names of those who are to be welcomed as soon as they have confirmed. */
  readonly WELCOMES: Queue<string>;
}

/** What both versions read and write. So what is new in one has to be what the other can do without. */
export interface User {
  readonly confirmed: boolean;
  /** Since version 2. */
  readonly language?: string;
}

export function nameOf(request: Request): string | null {
  return /^\/([a-z]{1,32})$/.exec(new URL(request.url).pathname)?.[1] ?? null;
}

/** Whether the name was free. */
export async function register({ USERS, WELCOMES }: Env, name: string, user: User): Promise<boolean> {
  const isFree = await USERS.put(name, JSON.stringify(user), { ifRevision: 0 }).then(() => true, unlessConflict);
  if (isFree) await WELCOMES.send(name);
  return isFree;
}

/** Keeps what another version has written beside it. */
export async function confirm({ USERS }: Env, name: string): Promise<boolean> {
  const { value: user, revision: ifRevision } = await USERS.getWithRevision<User>(name, 'json');
  return user !== null && USERS.put(name, JSON.stringify({ ...user, confirmed: true }), { ifRevision }).then(() => true, unlessConflict);
}

/** Says the version's own words to who has confirmed, and looks again later whether others have. */
export async function welcome(messages: readonly Message[], { USERS }: Env, words: (name: string, user: User) => string): Promise<void> {
  for (const message of messages as readonly Message<string>[]) {
    const user = await USERS.get<User>(message.body, 'json');
    if (user?.confirmed) console.log(words(message.body, user));
    else message.retry();
  }
}

function unlessConflict(error: unknown): false {
  if ((error as { code?: string }).code === 'conflict') return false;
  throw error;
}
