import type { D1Database } from '../../../sdk/index.ts';
import type { Credentials } from './form.ts';
import { DECOY, hashPassword, isOutdated, isPassword } from './password.ts';

/** Whether the name was free, and is this user's now. */
export async function register(db: D1Database, { name, password }: Credentials): Promise<boolean> {
  // A name that is taken already need not cost a hash. One that is taken in between, the table refuses.
  if ((await storedOf(db, name)) !== null) return false;
  const { meta } = await db
    .prepare('INSERT INTO user (name, password, registered) VALUES (?, ?, ?) ON CONFLICT (name) DO NOTHING')
    .bind(name, await hashPassword(password), new Date().toISOString())
    .run();
  return meta.changes === 1;
}

/** Whether there is such a user with such a password, in a time that does not say which of both there is not. */
export async function login(db: D1Database, { name, password }: Credentials): Promise<boolean> {
  const stored = await storedOf(db, name);
  const right = await isPassword(password, stored ?? DECOY);
  if (stored === null || !right) return false;
  if (isOutdated(stored)) {
    const hash = await hashPassword(password);
    await db.prepare('UPDATE user SET password = ? WHERE name = ? AND password = ?').bind(hash, name, stored).run();
  }
  return true;
}

async function storedOf(db: D1Database, name: string): Promise<string | null> {
  return db.prepare('SELECT password FROM user WHERE name = ?').bind(name).first<string>('password');
}
