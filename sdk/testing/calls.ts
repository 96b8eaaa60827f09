import type { FunctionCalls } from '../../host/bindings/binding.ts';
import type { QueueConsumer } from '../../host/dispatch/consumers.ts';
import { failureCodeOf } from '../../host/cell/handlers.ts';
import { declaredBy, declaredPayload, schedulesOf } from '../../host/registry/declared.ts';
import type { Manifest } from '../../host/registry/manifest.ts';
import type { FunctionRecord } from '../../host/registry/record.ts';
import type { TestFunction } from './function.ts';

export interface CallsOptions {
  readonly manifest: Manifest;
  readonly tested: () => TestFunction;
  /** A `scheduled` handler has thrown. */
  readonly failed: (error: unknown) => void;
  /** A `queue` handler, or its `waitUntil` work, has. */
  readonly retried: (error: unknown) => void;
}

/** Version 1 of the function, which `live` names, as a host calls it. */
const LIVE = { version: 1, alias: 'live', requestId: '0'.repeat(16) };

/** How bindings call the function that is tested. */
export function createCalls({ manifest, tested, failed, retried }: CallsOptions): FunctionCalls {
  return {
    async scheduled(_name, _reference, event) {
      const declared = event.declared === true && event.schedule !== undefined ? declaredPayload(manifest, event.schedule) : {};
      if (declared === null) return { noRetry: false, undeclared: true, ...LIVE };
      try {
        return { ...(await tested().scheduled({ ...event, ...declared })), ...LIVE };
      } catch (error) {
        failed(error);
        throw error;
      }
    },
    // Without a handler there is nothing that could run.
    schedules: async () => (tested().there ? declaredBy(recordOf(manifest)) : []),
    async consumer(queue): Promise<QueueConsumer | null> {
      const consumer = manifest.queues?.consumers.find((each) => each.queue === queue);
      return consumer === undefined || !tested().has('queue') ? null : { ...consumer, function: manifest.name };
    },
    releases: async () => null,
    async queue(_name, _bound, batch) {
      const { said, errors } = await tested().queue(batch);
      for (const error of errors) retried(error);
      return { said, version: LIVE.version, outcome: errors.length === 0 ? 'ok' : failureCodeOf(errors[0]) };
    },
  };
}

/** As far as its schedules are read from it. */
function recordOf(manifest: Manifest): FunctionRecord {
  const version = { number: 1, crons: manifest.triggers.crons, ...schedulesOf(manifest) };
  return {
    name: manifest.name,
    versions: [version],
    aliases: { live: { versions: [{ version: 1, weight: 100 }] } },
  } as unknown as FunctionRecord;
}
