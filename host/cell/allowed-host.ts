/** Whether a host is one of those that `capabilities.outbound` names: by its whole name, or by a `*.` before its last part. */
export function isAllowed(hosts: readonly string[], hostname: string): boolean {
  return hosts.some((allowed) => (allowed.startsWith('*.') ? hostname.endsWith(allowed.slice(1)) : hostname === allowed));
}
