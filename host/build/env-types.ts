import { envTypes } from '../bindings/kinds.ts';
import type { JsonValue, Manifest } from '../registry/manifest.ts';

/** The text of the types that authors of functions see: each file of `sdk/` by its name. */
export interface SdkText {
  /** `index.ts`, which says what of the others is seen. */
  readonly index: string;
  /** Of the file with this name, such as `kv.ts`. */
  file(name: string): string;
  /** What the runtime adds to the web's globals; null leaves it out. */
  readonly globals: string | null;
}

/**
 * A declaration file that needs no package: `Env`, as the manifest describes it, and under `Brink` the types that it and
 * handlers are written with.
 *
 * @param source the config's name, for who reads the file
 */
export function envDeclarations(manifest: Manifest, source: string, sdk: SdkText): string {
  return [
    `// Made by \`brink types\` of ${source}. Make it again when that changes.`,
    `/** What ${manifest.name} finds in its \`env\`. */\ninterface Env {\n${fieldsOf(manifest).join('\n')}\n}`,
    `declare namespace Brink {\n${namespaceOf(sdk)}}`,
    ...(sdk.globals === null ? [] : [sdk.globals.trimEnd()]),
    '',
  ].join('\n\n');
}

/** A var hides a secret of its name. */
function fieldsOf(manifest: Manifest): string[] {
  const types = new Map([
    ...envTypes(manifest).map(({ name, type }) => [name, `Brink.${type}`] as const),
    ...(manifest.secrets?.required ?? []).map((name) => [name, 'string'] as const),
    ...Object.entries(manifest.vars).map(([name, value]) => [name, typeOf(value)] as const),
  ]);
  return [...types].map(([name, type]) => `  readonly ${propertyName(name)}: ${type};`);
}

/** The type of every value that the config could have in this place without another shape. */
function typeOf(value: JsonValue): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return `readonly (${[...new Set(value.map(typeOf))].join(' | ') || 'unknown'})[]`;
  if (typeof value !== 'object') return typeof value;
  const fields = Object.entries(value).map(([name, inner]) => `readonly ${propertyName(name)}: ${typeOf(inner)}`);
  return `{ ${fields.join('; ')} }`;
}

function propertyName(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name);
}

const FROM = /^export type \{[^}]*\} from '\.\/([\w-]+\.ts)';$/gm;

/** Every file that `index.ts` names types of, one after the other: within the namespace each finds those of the others. */
function namespaceOf({ index, file }: SdkText): string {
  const names = [...index.matchAll(FROM)].map(([, name]) => name!);
  return names.map((name) => indented(withoutImports(file(name)))).join('\n');
}

function withoutImports(text: string): string {
  return text.replaceAll(/^(?:import type [^;]*;|\/\/\/ <reference .*|\/\/ oxlint-.*)\n/gm, '').trimStart();
}

function indented(text: string): string {
  return text.replaceAll(/^(?=.)/gm, '  ');
}
