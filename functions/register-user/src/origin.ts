/**
 * Whether a browser sends this for a page of another site, as it would in a forged request.
 *
 * No token is needed for that: browsers say where a request comes from in a header that no page can set, `Sec-Fetch-Site`
 * (all of them since 2023), and `Origin` before that and where there is no TLS. A client that sends neither is no browser
 * with somebody's cookies. A token would need a cookie and a key, and a form that is only good for as long as they are.
 * https://www.w3.org/TR/fetch-metadata/, https://cheatsheetseries.owasp.org/cheatsheets/Cross-Site_Request_Forgery_Prevention_Cheat_Sheet.html
 */
export function isFromElsewhere({ url, headers }: Request): boolean {
  const site = headers.get('sec-fetch-site');
  if (site !== null) return site !== 'same-origin' && site !== 'none';
  const origin = headers.get('origin');
  // Without the scheme, which a proxy that ends TLS does not hand on.
  return origin !== null && URL.parse(origin)?.host !== new URL(url).host;
}
