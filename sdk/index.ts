// oxlint-disable-next-line typescript/triple-slash-reference -- it declares globals, so it is no module to import
/// <reference path="./globals.d.ts" />
export type { BrinkContext } from './context.ts';
export type { ExecutionContext, ExportedHandler, ScheduledController } from './handler.ts';
export type {
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
export type { Message, MessageBatch, QueueRetryOptions } from './queue.ts';
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
export type { UpgradeInit } from './socket.ts';
