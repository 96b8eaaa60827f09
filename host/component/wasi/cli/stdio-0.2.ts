import type { HostInterface, World } from '../../host.ts';
import { EMPTY_READER } from '../io/byte-reader.ts';
import { InputStream } from '../io/input-stream.ts';
import { OutputStream, type ByteSink } from '../io/output-stream.ts';
import { READY } from '../io/readiness.ts';
import type { Factory, InstanceLife } from '../settings.ts';
import { invocationOf } from '../values/invocation.ts';
import { LogLines } from './log-lines.ts';

const ROOM = 64 * 1024;

export const stdin: Factory = () => ({ 'get-stdin': () => new InputStream(EMPTY_READER) });
export const stdout: Factory = (world, _settings, life) => writer('get-stdout', new LogLines('info'), world, life);
export const stderr: Factory = (world, _settings, life) => writer('get-stderr', new LogLines('error'), world, life);

function writer(name: string, lines: LogLines, world: World, life: InstanceLife): HostInterface {
  life.onIdle(() => lines.flush());
  life.onReset(() => lines.reset());
  // A line is logged when it ends: a guest may flush in the middle of one.
  const sink: ByteSink = {
    ...READY,
    room: ROOM,
    ended: null,
    write(bytes) {
      lines.write(bytes, invocationOf(world));
      return null;
    },
  };
  return { [name]: () => new OutputStream(sink) };
}
