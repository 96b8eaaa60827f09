import type { HostEvent } from '../observe/events.ts';

/** The events of a log answer, one JSON object a line, each as soon as its line is whole. */
export async function* readEvents(response: Response): AsyncGenerator<HostEvent> {
  if (response.body === null) return;
  let rest = '';
  for await (const text of response.body.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split('\n');
    rest = lines.pop()!;
    for (const line of lines) yield JSON.parse(line) as HostEvent;
  }
}
