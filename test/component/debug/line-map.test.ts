import { readFileSync } from 'node:fs';
import { originalPositionFor, TraceMap } from '@jridgewell/trace-mapping';
import { describe, expect, it } from 'vitest';
import { debugSections } from '../../../host/component/debug/debug-sections.ts';
import { instructionOffsets } from '../../../host/component/core/code.ts';
import { readModule } from '../../../host/component/core/module.ts';
import { moduleName } from '../../../host/component/core/names.ts';
import { linkComponent } from '../../../host/component/link/link.ts';
import { prepareComponent } from '../../../host/component/prepare.ts';
import { isBlocking } from '../../../host/component/wasi/hosts.ts';

const BYTES = new Uint8Array(readFileSync(new URL('../guests/p2-trap.wasm', import.meta.url)));
const SOURCE = readFileSync(new URL('../guests/p2-trap/trap.c', import.meta.url), 'utf8').split('\n');

const CALL = 0x10;

describe('the map of a component with debug information', () => {
  const { plan, modules, maps } = prepareComponent(BYTES, isBlocking);
  const at = maps.findIndex((map) => map !== null);

  it('belongs to the one module that has some, which is named so and has none any more', () => {
    expect(maps.filter((map) => map !== null)).toHaveLength(1);
    expect(moduleName(readModule(modules[at]!))).toBe(plan.modules[at]!.name);
    expect(modules.every((module) => debugSections(module).size === 0 && WebAssembly.validate(module))).toBe(true);
  });

  it('gives the offsets of the rewritten module: its call of the host is where the source has it', () => {
    const module = modules[at]!;
    const call = instructionOffsets(readModule(module))!.find((offset) => module[offset] === CALL)!;
    const { source, line } = originalPositionFor(new TraceMap(maps[at]!), { line: 1, column: call });
    expect([source, SOURCE[line! - 1]]).toEqual(['trap.c', '  path_with_query(request, path);']);
  });

  it('is the same for the same bytes', () => {
    expect(prepareComponent(BYTES.slice(), isBlocking).maps).toEqual(maps);
  });

  it('is left out where the debug information is broken, which never breaks the build', () => {
    const random = seeded(7);
    const spans = debugSpans(BYTES, at);
    const start = performance.now();
    let read = 0;
    for (let round = 0; round < 1_000; round += 1) {
      const mutated = BYTES.slice();
      for (let count = 1 + random(8); count > 0; count -= 1) {
        const [from, to] = spans[random(spans.length)]!;
        mutated[from + random(to - from)] = random(3) === 0 ? 0xff : random(256);
      }
      const prepared = prepareComponent(mutated, isBlocking);
      if (prepared.maps[at] !== null) read += 1;
      expect(prepared.modules[0]).toEqual(modules[0]);
      expect(WebAssembly.validate(prepared.modules[at]!)).toBe(true);
    }
    // Both happen, and none takes long.
    expect([read > 0, read < 1_000]).toEqual([true, true]);
    expect(performance.now() - start).toBeLessThan(20_000);
  });
});

/** Where the contents of these sections stand in the component: its modules are parts of it. */
function debugSpans(component: Uint8Array, at: number): [number, number][] {
  const sections = debugSections(linkComponent(component).modules[at]!);
  return ['.debug_line', '.debug_str'].map((name) => {
    const { byteOffset, byteLength } = sections.get(name)!;
    return [byteOffset - component.byteOffset, byteOffset - component.byteOffset + byteLength];
  });
}

function seeded(seed: number): (below: number) => number {
  return (below) => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return Math.floor((seed / 2 ** 32) * below);
  };
}
