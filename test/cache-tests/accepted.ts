const INTERIM = 'a handler gives one response: it has no way to send others before it';
const PART = 'the part that the test gives is shorter than its Content-Range says: it is not kept';
const OF_WORKERD = 'on workerd: ';

/** Tests that do not pass, and why that is meant to be so. */
export const ACCEPTED: Readonly<Record<string, string>> = {
  'interim-102': INTERIM,
  'interim-103': INTERIM,
  'interim-not-cached': INTERIM,
  'interim-no-header-reuse': INTERIM,
  'partial-store-partial-reuse-partial': PART,
  'partial-store-partial-reuse-partial-byterange': PART,
  'partial-store-partial-reuse-partial-absent': PART,
  'partial-store-partial-reuse-partial-suffix': PART,
  'partial-store-partial-complete': PART,
  'conditional-lm-fresh-no-lm':
    'without Last-Modified the date of the response counts (RFC 9111, section 4.3.2), which is later than the one that the test asks with',
  'headers-store-Content-Length': `${OF_WORKERD}the runtime refuses a Content-Length that is not that of the body`,
  'invalidate-M-SEARCH': `${OF_WORKERD}the runtime knows no such method`,
  'invalidate-M-SEARCH-failed': `${OF_WORKERD}the runtime knows no such method`,
  'invalidate-M-SEARCH-location': `${OF_WORKERD}the runtime knows no such method`,
  'invalidate-M-SEARCH-cl': `${OF_WORKERD}the runtime knows no such method`,
};
