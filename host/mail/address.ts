/** RFC 5321, section 4.5.3.1: of a path, and of the part before the @. */
const MAX_ADDRESS = 254;
const MAX_LOCAL = 64;

/** Neither quoted local parts nor literals of IP addresses: nothing that a header or a command could be broken out of. */
// oxlint-disable-next-line no-control-regex -- those are what must not be there
const ADDRESS = /^[^\s@"<>(),:;\\[\]\u0000-\u001f\u007f]+@[^\s@"<>(),:;\\[\]\u0000-\u001f\u007f]+$/u;
const DOMAIN = /^[^\s@"<>(),:;\\[\]*/]+$/u;

/** Whether it is an address that mail is sent to or from here, without a name beside it. */
export function isMailAddress(text: unknown): text is string {
  return typeof text === 'string' && text.length <= MAX_ADDRESS && text.indexOf('@') <= MAX_LOCAL && ADDRESS.test(text);
}

/** Whether it stands for addresses: one, all of a domain (`*@example.com`), or all (`*`). */
export function isAddressPattern(text: string): boolean {
  if (text === '*') return true;
  return text.startsWith('*@') ? text.length <= MAX_ADDRESS && DOMAIN.test(text.slice(2)) : isMailAddress(text) && !text.includes('*');
}

/** As it is compared: no host that is looked at tells `In` from `in`, though RFC 5321 would let it. */
export function normalAddress(text: string): string {
  return text.toLowerCase();
}

/** The patterns that an address falls under, the closest first. What follows a + does not matter (RFC 5233). */
export function patternsOf(address: string): string[] {
  const normal = normalAddress(address);
  const at = normal.lastIndexOf('@');
  const [local, domain] = [normal.slice(0, at), normal.slice(at + 1)];
  const plus = local.indexOf('+');
  return [normal, ...(plus > 0 ? [`${local.slice(0, plus)}@${domain}`] : []), `*@${domain}`, '*'];
}

export function domainOf(address: string): string {
  return normalAddress(address.slice(address.lastIndexOf('@') + 1));
}
