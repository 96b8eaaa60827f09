import type { HostEvent } from '../observe/events.ts';
import { jsonLine } from '../observe/json-line.ts';
import { eventLine } from './event-line.ts';
import type { Output } from './output.ts';

export interface EventWriter {
  write(event: HostEvent): void;
  /** Writes what is waiting, at once. */
  flush(): void;
}

/** How long lines are gathered, in ms: a write for each request would cost more than the request. */
const GATHER = 20;

export function createEventWriter(output: Output): EventWriter {
  let waiting: HostEvent[] = [];
  let timer: NodeJS.Timeout | undefined;
  const line = output.json ? jsonLine : (event: HostEvent) => eventLine(event, output.colors);
  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    if (waiting.length === 0) return;
    const lines = waiting.map((event) => `${line(event)}\n`).join('');
    waiting = [];
    output.raw(lines);
  };
  return {
    write(event) {
      waiting.push(event);
      timer ??= setTimeout(flush, GATHER);
    },
    flush,
  };
}
