import { startPlainWorkers } from '../plain-workers.ts';
import { cachesSuite } from './suite.ts';

/** Miniflare's own cache: what Workers does, as far as a machine without Cloudflare shows it. */
cachesSuite("Miniflare's own, as the reference", {
  deviations: {
    'a response without content is kept': 'Miniflare keeps none without a body',
    'is not kept: what could be given while stale': 'Miniflare keeps it for as long as it may be stale, which Workers does not',
    'a request answers only those whose fields are the same that Vary names': 'Workers knows no Vary',
    'If-Modified-Since beside an If-None-Match that differs': 'Miniflare looks at both',
    'what is no success has no conditions': 'Miniflare looks at no status',
    'what is no success has no ranges': 'Miniflare looks at no status',
    'a range, more of the last than there are': 'Miniflare gives all with status 200',
    'a range, of another unit': 'Miniflare answers with 416',
    'a range, which is none': 'Miniflare answers with 416',
    'a range, which ends before it begins': 'Miniflare answers with 416',
    'a range, if the tag differs': 'Miniflare knows no If-Range',
    'a range, if the tag is weak': 'Miniflare knows no If-Range',
    'a range, if the date differs': 'Miniflare knows no If-Range',
  },
  async open(source) {
    const { url, close } = await startPlainWorkers([{ name: 'reference', source: source }]);
    return { url, stop: close };
  },
});
