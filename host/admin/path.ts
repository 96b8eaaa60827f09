/** Where the admin API is mounted. */
export const ADMIN_PATH = '/_brink';

/** `/_brink` and what is below it, whatever the host: no function has such a name. */
export function isAdmin(url: string): boolean {
  const path = url.indexOf('/', url.indexOf('://') + 3);
  if (!url.startsWith(ADMIN_PATH, path)) return false;
  const next = url.charAt(path + ADMIN_PATH.length);
  return next === '' || next === '/' || next === '?';
}
