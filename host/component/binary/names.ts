import { invalid } from './errors.ts';
import { hex, type Reader } from './reader.ts';
import type { Name } from './syntax.ts';

/** Grammar of names: design/mvp/Explainer.md, "Import and Export Definitions". */
const LABEL = '(?:[a-z][0-9a-z]*|[A-Z][0-9A-Z]*)(?:-(?:[0-9a-z]+|[0-9A-Z]+))*';
const WORDS = '[a-z][0-9a-z]*(?:-[0-9a-z]+)*';
const NUMBER = '(?:0|[1-9][0-9]*)';
const PRERELEASE = `(?:${NUMBER}|[0-9]*[a-zA-Z-][0-9a-zA-Z-]*)`;
const SEMVER = `${NUMBER}\\.${NUMBER}\\.${NUMBER}(?:-${PRERELEASE}(?:\\.${PRERELEASE})*)?(?:\\+[0-9a-zA-Z-]+(?:\\.[0-9a-zA-Z-]+)*)?`;
const CANONICAL_VERSION = '[1-9][0-9]*|0\\.[1-9][0-9]*|0\\.0\\.[1-9][0-9]*|0\\.0\\.0';

const label = new RegExp(`^${LABEL}$`);
const plainName = new RegExp(`^(?:${LABEL}|\\[constructor\\]${LABEL}|\\[(?:method|static)\\]${LABEL}\\.${LABEL})$`);
const interfaceName = new RegExp(`^${WORDS}:${WORDS}/${LABEL}(?:@(?:${SEMVER}|${CANONICAL_VERSION}))?$`);
const canonicalName = new RegExp(`@(?:${CANONICAL_VERSION})$`);
const semver = new RegExp(`^${SEMVER}$`);

export function checkLabel(text: string, what: string, offset: number): void {
  if (!label.test(text)) throw invalid(`'${text}' names a ${what}, but is not in kebab case`, offset);
}

export function isInterfaceName(name: string): boolean {
  return interfaceName.test(name);
}

export function isSemver(text: string): boolean {
  return semver.test(text);
}

/** The name of an import or export, with its attributes. */
export function readName(reader: Reader): Name {
  const offset = reader.position;
  const form = reader.byte();
  if (form > 2) throw invalid(`${hex(form)} is no form of a name`, offset);
  const name = reader.name();
  if (!plainName.test(name) && !isInterfaceName(name)) throw invalid(`'${name}' is not a name for an import or export`, offset);
  if (form < 2) return { name, offset };
  const attributes: { implements?: string; versionSuffix?: string; externalId?: string } = {};
  reader.vector(() => readAttribute(reader, name, attributes));
  return { name, offset, ...attributes };
}

function readAttribute(reader: Reader, name: string, into: { implements?: string; versionSuffix?: string; externalId?: string }): void {
  const offset = reader.position;
  const code = reader.byte();
  const value = reader.name();
  const key = (['implements', 'versionSuffix', 'externalId'] as const)[code];
  if (key === undefined) throw invalid(`${hex(code)} is not an attribute of a name`, offset);
  if (into[key] !== undefined) throw invalid(`the name '${name}' has two attributes of one kind`, offset);
  if (key === 'implements' && (!isInterfaceName(value) || isInterfaceName(name))) {
    throw invalid(`'${name}' cannot be said to implement '${value}'`, offset);
  }
  if (key === 'versionSuffix' && !(canonicalName.test(name) && isSemver(name.slice(name.indexOf('@') + 1) + value))) {
    throw invalid(`'${value}' does not complete the version of '${name}'`, offset);
  }
  into[key] = value;
}

/** Two names of one scope may not be the same by this: design/mvp/Explainer.md, "Name Uniqueness". */
export function canonicalKey(name: string): string {
  const lower = name.toLowerCase();
  const member = /^\[(?:method|static)\](.*)$/.exec(lower)?.[1];
  if (member === undefined) return lower;
  const [resource, method] = member.split('.');
  return resource === method ? resource! : member;
}
