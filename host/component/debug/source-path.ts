import type { LineFile, LineHeader } from './line-header.ts';

/**
 * The path of a source as a stack tells it, the same on every machine: relative to where it was compiled; of a crate
 * from the registry, from the crate's name on; of Rust's own library, from `library/` on; of a file elsewhere, its last
 * two parts.
 */
export function sourcePath({ name, directory }: LineFile, { version, directories }: Pick<LineHeader, 'version' | 'directories'>): string {
  const folder = directories[directory] ?? '';
  const compiled = version >= 5 ? (directories[0] ?? '') : '';
  const path = plain(isAbsolute(name) || folder === '' ? name : `${folder}/${name}`);
  if (!isAbsolute(path)) return path;
  const below = compiled !== '' && path.startsWith(`${plain(compiled)}/`) ? path.slice(plain(compiled).length + 1) : null;
  return (
    below ?? /\/registry\/src\/[^/]+\/(.+)$/.exec(path)?.[1] ?? /\/(library\/.+)$/.exec(path)?.[1] ?? path.split('/').slice(-2).join('/')
  );
}

/** It comes from a compiler of anyone's, and ends in logs. */
function plain(path: string): string {
  return path
    .replaceAll('\\', '/')
    .replace(/[^\x20-\x7e\u00a0-\uffff]/g, '?')
    .replace(/(?<=^|\/)\.\//g, '');
}

function isAbsolute(path: string): boolean {
  return path.startsWith('/') || /^[a-z]:\//i.test(path);
}
