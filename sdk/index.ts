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
export type { Schedule, ScheduleOptions, Schedules } from './schedules.ts';
export type { UpgradeInit } from './socket.ts';
