/** The parts of `wasi:http/types@0.2.3`. */
export interface InterfaceName {
  readonly namespace: string;
  readonly package: string;
  readonly interface: string;
  /** As written; null for none. */
  readonly version: string | null;
}

/** Null for a name that is not that of an interface: a plain one like `run`. */
export function interfaceName(name: string): InterfaceName | null {
  const match = /^([^:/@]+):([^:/@]+)\/([^:/@]+)(?:@(.+))?$/.exec(name);
  return match && { namespace: match[1]!, package: match[2]!, interface: match[3]!, version: match[4] ?? null };
}

/**
 * Whether what is offered under one version serves who wants another, by semver: same major, below 1.0 same minor, below
 * 0.1 and for pre-releases the same version. Who wants none is served by none.
 */
export function compatible(wanted: string | null, offered: string | null): boolean {
  if (wanted === null || offered === null) return wanted === offered;
  const track = trackOf(wanted);
  return track !== null && track === trackOf(offered);
}

/** What two versions that are compatible share. */
function trackOf(version: string): string | null {
  const match = /^(\d+)(?:\.(\d+))?(?:\.(\d+))?(-[^+]+)?(?:\+.*)?$/.exec(version);
  if (match === null) return null;
  const [, major, minor = '0', patch = '0', prerelease] = match;
  if (prerelease !== undefined) return `${major}.${minor}.${patch}${prerelease}`;
  if (major !== '0') return major!;
  return minor === '0' ? `0.0.${patch}` : `0.${minor}`;
}
