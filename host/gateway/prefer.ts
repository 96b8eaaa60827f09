/**
 * Whether a client does not wait for the answer (RFC 7240, section 4.1). Preferences are a list, their names without case, and
 * may have values and parameters: section 2.
 */
export function asksForLater(prefer: string | null): boolean {
  return prefer !== null && prefer.split(',').some((wish) => /^[^=;]*/.exec(wish)![0].trim().toLowerCase() === 'respond-async');
}
