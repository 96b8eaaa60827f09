import type { Manifest, ManifestProducer } from '../../registry/manifest.ts';
import type { ContentType } from '../../stores/queue.ts';

/** What a producer's client goes by. It is the function's own, so a cell that bends it bends no more than its own messages. */
export interface ProducerSettings {
  /** Seconds that a message is put off which says nothing itself. */
  readonly delay: number;
  /** Of a message that names none. */
  readonly type: ContentType;
}

/** https://developers.cloudflare.com/workers/configuration/compatibility-flags/#queues-send-messages-in-json-format */
const JSON_SINCE = '2024-03-18';

export function producerSettings({ delivery_delay: delay }: ManifestProducer, manifest: Manifest): ProducerSettings {
  const { compatibility_date: date, compatibility_flags: flags } = manifest;
  const json = flags.includes('queues_json_messages') || (date >= JSON_SINCE && !flags.includes('no_queues_json_messages'));
  return { delay, type: json ? 'json' : 'v8' };
}
