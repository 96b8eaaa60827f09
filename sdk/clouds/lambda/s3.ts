import { InvalidMessage } from '../invalid-message.ts';
import { valueOf, type Message } from '../messages.ts';
import { isTable } from './http-answer.ts';
import { region } from './environment.ts';

const NAMES: Readonly<Record<string, string>> = {
  PutObject: 'ObjectCreated:Put',
  CopyObject: 'ObjectCreated:Copy',
  CompleteMultipartUpload: 'ObjectCreated:CompleteMultipartUpload',
  DeleteObject: 'ObjectRemoved:Delete',
  LifecycleDeletion: 'LifecycleExpiration:Delete',
};
const NOBODY = 'brink';

/**
 * An event of a bucket (`r2_buckets.notifications`) as S3's.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
 */
export function s3Event({ id, body }: Message): { Records: unknown[] } {
  const told = valueOf(body);
  const { action, bucket, object, eventTime } = isTable(told) ? told : {};
  const eventName = NAMES[String(action)];
  if (eventName === undefined || typeof bucket !== 'string' || !isTable(object) || typeof object['key'] !== 'string')
    throw new InvalidMessage(id, 'is no event of a bucket, as r2_buckets.notifications sends them');
  const { key, size, eTag } = object as { key: string; size?: number; eTag?: string };
  const record = {
    eventVersion: '2.1',
    eventSource: 'aws:s3',
    awsRegion: region(),
    eventTime,
    eventName,
    userIdentity: { principalId: NOBODY },
    requestParameters: { sourceIPAddress: '127.0.0.1' },
    responseElements: { 'x-amz-request-id': id, 'x-amz-id-2': id },
    s3: {
      s3SchemaVersion: '1.0',
      configurationId: NOBODY,
      bucket: { name: bucket, ownerIdentity: { principalId: NOBODY }, arn: `arn:aws:s3:::${bucket}` },
      object: {
        key: codedKey(key),
        ...(size !== undefined && { size }),
        ...(eTag !== undefined && { eTag }),
        sequencer: sequencerOf(eventTime),
      },
    },
  };
  return { Records: [record] };
}

/** As in a form: a space is `+`, a slash stays. */
function codedKey(key: string): string {
  return encodeURIComponent(key).replaceAll('%20', '+').replaceAll('%2F', '/');
}

/** Hex digits that order the events of one key. */
function sequencerOf(time: unknown): string {
  return (Date.parse(String(time)) || 0).toString(16).toUpperCase().padStart(16, '0');
}
