// oxlint-disable-next-line typescript/triple-slash-reference -- it declares globals, so it is no module to import
/// <reference path="./globals.d.ts" preserve="true" />
export { cached, invalidate, type CachedOptions, type Loader } from './cached.ts';
export { cloudEvent, CloudEventError, type CloudEvent, type CloudEventAttribute, type CloudEventInit } from './cloud-event.ts';
export { cloudEventMessage, readCloudEvents, type CloudEventMessage, type CloudEventMode } from './cloud-event-http.ts';
export { cloudEventJson, readCloudEvent, type CloudEventJson } from './cloud-event-json.ts';
export { messageCloudEvent, type MessageEventInit } from './cloud-event-message.ts';
export { CloudEventRefused, sendCloudEvents, type SendCloudEventsOptions } from './cloud-event-send.ts';
export type { D1Change, D1ChangedRow, D1ChangedValue, KVChange } from './changes.ts';
export type { BrinkContext, Principal } from './context.ts';
export type { D1Database, D1DatabaseSession, D1ExecResult, D1Meta, D1PreparedStatement, D1Result } from './d1.ts';
export type {
  EmailAddress,
  EmailAttachment,
  EmailMessage,
  EmailMessageBuilder,
  EmailSendResult,
  ForwardableEmailMessage,
  SendEmail,
} from './email.ts';
export type { ExecutionContext, ExportedHandler, ScheduledController } from './handler.ts';
export type {
  KVFenceOptions,
  KVGetOptions,
  KVListKey,
  KVListOptions,
  KVListResult,
  KVNamespace,
  KVPutOptions,
  KVPutValue,
  KVRevision,
  KVValue,
} from './kv.ts';
export type { Lock, LockInfo, LockManager, LockManagerSnapshot, LockMode, LockOptions } from './locks.ts';
export type {
  Message,
  MessageBatch,
  MessageBatchMetadata,
  MessageSendRequest,
  Queue,
  QueueContentType,
  QueueMetrics,
  QueueRetryOptions,
  QueueSendBatchOptions,
  QueueSendOptions,
  QueueSendResponse,
} from './queue.ts';
export type { RateLimit, RateLimitOptions, RateLimitOutcome } from './rate-limit.ts';
export type {
  R2Bucket,
  R2Checksums,
  R2Conditional,
  R2GetOptions,
  R2HTTPMetadata,
  R2ListOptions,
  R2MultipartOptions,
  R2MultipartUpload,
  R2Object,
  R2ObjectBody,
  R2Objects,
  R2PutOptions,
  R2PutValue,
  R2Range,
  R2UploadedPart,
} from './r2.ts';
export type { RpcMethods, RpcResult, RpcStub, RpcValue, Service, ServiceFetcher } from './service.ts';
export type { Schedule, ScheduleOptions, Schedules } from './schedules.ts';
export type { UpgradeInit } from './socket.ts';
