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

/** The status of `POST /NAME`, which registers the user, and of `PUT /NAME`, which confirms it. */
export async function answer(request: Request, env: Env, user: User): Promise<number> {
  const name = /^\/([a-z]{1,32})$/.exec(new URL(request.url).pathname)?.[1];
  if (name === undefined) return 404;
  switch (request.method) {
    case 'POST':
      return (await register(env, name, user)) ? 201 : 409;
    case 'PUT':
      return (await confirm(env, name)) ? 204 : 409;
    default:
      return 405;
  }
}

/** Whether the name was free. */
async function register({ USERS, WELCOMES }: Env, name: string, user: User): Promise<boolean> {
  const isFree = await USERS.put(name, JSON.stringify(user), { ifRevision: 0 }).then(() => true, unlessConflict);
  if (isFree) await WELCOMES.send(name);
  return isFree;
}

/** Keeps what another version has written beside it. */
async function confirm({ USERS }: Env, name: string): Promise<boolean> {
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
