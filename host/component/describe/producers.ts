import { BrinkError } from '../../errors.ts';
import { Reader } from '../binary/reader.ts';
import type { ComponentSyntax, CustomSection } from '../binary/syntax.ts';

/** Who made a component, as `name version`: each once, in the order in which its parts tell. */
export interface Producers {
  readonly language: readonly string[];
  readonly 'processed-by': readonly string[];
  readonly sdk: readonly string[];
}

/** Merges the `producers` sections of a component and of everything in it (github.com/WebAssembly/tool-conventions, ProducersSection). */
export function producersOf(bytes: Uint8Array, component: ComponentSyntax): Producers {
  const found = { language: new Set<string>(), 'processed-by': new Set<string>(), sdk: new Set<string>() };
  for (const { start, end } of producerSections(component)) {
    try {
      readFields(new Reader(bytes, start, end), found);
    } catch (error) {
      // No one has to write a custom section that can be read.
      if (!(error instanceof BrinkError)) throw error;
    }
  }
  return { language: [...found.language], 'processed-by': [...found['processed-by']], sdk: [...found.sdk] };
}

function producerSections({ customs, definitions }: ComponentSyntax): CustomSection[] {
  const inner = definitions.flatMap((definition) => {
    if (definition.kind === 'component') return producerSections(definition.component);
    return definition.kind === 'core module' ? definition.module.customs.filter(isProducers) : [];
  });
  return [...customs.filter(isProducers), ...inner];
}

function isProducers({ name }: CustomSection): boolean {
  return name === 'producers';
}

function readFields(reader: Reader, into: Readonly<Record<keyof Producers, Set<string>>>): void {
  reader.vector(() => {
    const field = reader.name();
    reader.vector(() => {
      const tool = `${reader.name()} ${reader.name()}`.trim();
      if (field === 'language' || field === 'processed-by' || field === 'sdk') into[field].add(tool);
    });
  });
}
