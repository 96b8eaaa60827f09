/** `wasi:http/types@0.3.0`, taken apart. */
export interface InterfaceName {
  readonly name: string;
  readonly version: string | null;
}

export function interfaceName(full: string): InterfaceName {
  const at = full.indexOf('@');
  return at < 0 ? { name: full, version: null } : { name: full.slice(0, at), version: full.slice(at + 1) };
}

/**
 * Which of the versions that the host has stands for the one that a component asks for: the very same, or one that
 * semver takes for compatible (`0.3` for 0.3.1, and for a release candidate of 0.3.0 that is new enough).
 *
 * @param offered versions, as `0.3` or, where they are compatible with nothing, as `0.2.0-draft`
 * @param firstCandidate the oldest release candidate whose shapes are those of the release, as `rc-2026-03-15`; null: none
 */
export function compatible(wanted: string | null, offered: readonly string[], firstCandidate: string | null): string | null {
  if (wanted === null) return offered.length === 1 ? offered[0]! : null;
  if (offered.includes(wanted)) return wanted;
  const parts = /^(\d+)\.(\d+)\.(\d+)(?:-([^+]+))?(?:\+.*)?$/.exec(wanted);
  if (parts === null) return null;
  const [, major, minor, patch, candidate] = parts;
  const line = major === '0' ? `${major}.${minor}` : major!;
  if (!offered.includes(line)) return null;
  if (candidate === undefined) return line;
  const known = firstCandidate !== null && patch === '0' && /^rc-\d{4}-\d{2}-\d{2}$/.test(candidate) && candidate >= firstCandidate;
  return known ? line : null;
}
