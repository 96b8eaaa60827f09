import type { VersionCells } from './version-cells.ts';

/** What a host has of one version now. */
export interface VersionView {
  readonly function: string;
  readonly version: number;
  /** Whose memory and CPU time its cells take. */
  readonly class: string;
  /** Cells that take calls. */
  readonly ready: number;
  readonly starting: number;
  /** Cells that it keeps though nothing calls it. */
  readonly warm: number;
  /** Calls under way. */
  readonly calls: number;
  readonly waiting: number;
  /** Calls that were refused with `overloaded`. */
  readonly shed: number;
  /** Bytes that its cells are accounted with. */
  readonly memory: number;
}

export function viewOf(own: VersionCells, name: string): VersionView {
  for (const pooled of own.cells.slice()) pooled.sync();
  const inState = (state: string) => own.cells.filter((pooled) => pooled.state === state).length;
  return {
    function: own.version.function,
    version: own.version.number,
    class: name,
    ready: inState('ready'),
    starting: inState('starting'),
    warm: own.min,
    calls: own.calls,
    waiting: own.waiting,
    shed: own.shed,
    memory: own.cells.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}
