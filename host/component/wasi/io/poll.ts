import { blocking, type HostInterface } from '../../host.ts';
import { Trap } from '../../trap.ts';
import { whenReady, type Readiness } from './readiness.ts';

/** `pollable` of wasi:io. */
export class Pollable {
  readonly #of: Readiness;

  constructor(of: Readiness) {
    this.#of = of;
  }

  get ready(): boolean {
    return this.#of.ready;
  }

  wait(wake: () => void): () => void {
    return this.#of.wait(wake);
  }
}

const functions: HostInterface = {
  '[method]pollable.ready': (pollable: Pollable) => pollable.ready,
  '[method]pollable.block': blocking((pollable: Pollable) => (pollable.ready ? undefined : whenReady(pollable))),
  poll: blocking(pollAll),
};

export const poll = (): HostInterface => functions;

/** The indices of all that are ready; waits while none is. */
function pollAll(pollables: readonly Pollable[]): readonly number[] | Promise<readonly number[]> {
  if (pollables.length === 0) throw new Trap('wasi:io/poll was asked to wait for nothing: the list of pollables is empty.');
  const ready = indicesOfReady(pollables);
  return ready.length > 0 ? ready : nextReady(pollables);
}

function nextReady(pollables: readonly Pollable[]): Promise<readonly number[]> {
  return new Promise((resolve) => {
    const wake = () => {
      const ready = indicesOfReady(pollables);
      if (ready.length === 0) return;
      for (const stop of stops) stop();
      resolve(ready);
    };
    const stops = pollables.map((pollable) => pollable.wait(wake));
  });
}

function indicesOfReady(pollables: readonly Pollable[]): number[] {
  const ready: number[] = [];
  for (let index = 0; index < pollables.length; index += 1) if (pollables[index]!.ready) ready.push(index);
  return ready;
}
