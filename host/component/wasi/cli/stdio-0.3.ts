import type { Source } from '../../host.ts';
import type { Factory, InstanceLife } from '../settings.ts';
import { invocationOf } from '../values/invocation.ts';
import { Deferred, settled } from '../values/pending.ts';
import { OK, type Ok } from '../values/result.ts';
import { EMPTY, readAll } from '../values/source.ts';
import { LogLines } from './log-lines.ts';

export const types: Factory = () => ({});

const NOTHING = [EMPTY, settled(OK)] as const;

export const stdin: Factory = () => ({ 'read-via-stream': () => NOTHING });
export const stdout: Factory = (world, _settings, life) => writer('info', world, life);
export const stderr: Factory = (world, _settings, life) => writer('error', world, life);

function writer(level: 'info' | 'error', world: Parameters<Factory>[0], life: InstanceLife): ReturnType<Factory> {
  const open = new Set<LogLines>();
  life.onIdle(() => {
    for (const lines of open) lines.flush();
  });
  life.onReset(() => open.clear());
  return {
    'write-via-stream'(data: Source) {
      // The stream is one invocation's, though others may run when its bytes come.
      const invocation = invocationOf(world);
      const lines = new LogLines(level);
      const written = new Deferred<Ok<undefined>>();
      open.add(lines);
      readAll<Uint8Array<ArrayBuffer>>(
        data,
        (bytes) => {
          lines.write(bytes, invocation);
          return true;
        },
        () => {
          lines.flush();
          open.delete(lines);
          written.resolve(OK);
        },
      );
      return written;
    },
  };
}
