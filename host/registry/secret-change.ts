import { BrinkError } from '../errors.ts';
import type { Manifest } from './manifest.ts';
import { MAX_SECRETS, SECRET_MAX_BYTES, type FunctionRecord, type SecretEntry, type VersionEntry, type WeightedVersion } from './record.ts';

/** What changes a function's secrets, and what their presence decides, as pure functions over its record. */

const NAME = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/;
const utf8 = new TextEncoder();

/** One that `env` and the environment of a component can both have. */
export function isSecretName(name: string): boolean {
  // An object's own `__proto__` does not survive being copied.
  return NAME.test(name) && name !== '__proto__';
}

/** @throws {BrinkError} `name-invalid`; what was given is not shown, as it may hold the value */
export function checkSecretName(name: string): void {
  if (isSecretName(name)) return;
  throw new BrinkError(
    'name-invalid',
    'A secret is named by letters of A-Z and a-z, digits and "_", at most 128, and no digit first. Use a name such as API_KEY.',
    { details: { what: 'secret' } },
  );
}

/** @throws {BrinkError} `bad-request`, `secret-too-large`; the value is not shown */
export function checkSecretValue(name: string, value: string): void {
  if (value === '' || !value.isWellFormed()) {
    const why = value === '' ? 'is empty' : 'is no Unicode text; encode bytes, as base64 say';
    throw new BrinkError('bad-request', `The value of the secret ${name} ${why}.`, { details: { secret: name } });
  }
  const bytes = utf8.encode(value).byteLength;
  if (bytes <= SECRET_MAX_BYTES) return;
  throw new BrinkError('secret-too-large', `The value of the secret ${name} has ${bytes} bytes; at most ${SECRET_MAX_BYTES} are taken.`, {
    details: { secret: name, bytes, limit: SECRET_MAX_BYTES },
  });
}

/** The record with secrets set, and with those taken away that are null; one that is not there need not be. */
export function changeSecrets(record: FunctionRecord, changes: ReadonlyMap<string, SecretEntry | null>): FunctionRecord {
  const { revision, entries } = record.secrets ?? { revision: 0, entries: {} };
  const next = new Map(Object.entries(entries));
  for (const [name, entry] of changes) {
    if (entry === null) next.delete(name);
    else next.set(name, entry);
  }
  if (next.size > MAX_SECRETS) {
    throw new BrinkError('secret-limit', `${record.name} would have ${next.size} secrets; ${MAX_SECRETS} are the most.`, {
      details: { function: record.name, limit: MAX_SECRETS },
    });
  }
  return { ...record, secrets: { revision: revision + 1, entries: Object.fromEntries(next) } };
}

/** Puts the same values under another key. What was set anew meanwhile stays as it is, and cells need not hear of it. */
export function reseal(record: FunctionRecord, fresh: ReadonlyMap<string, { from: SecretEntry; to: SecretEntry }>): FunctionRecord {
  if (record.secrets === undefined) return record;
  const entries = Object.entries(record.secrets.entries).map(([name, entry]): [string, SecretEntry] => {
    const found = fresh.get(name);
    return [name, found?.from.data === entry.data ? found.to : entry];
  });
  return { ...record, secrets: { ...record.secrets, entries: Object.fromEntries(entries) } };
}

/** @throws {BrinkError} `secret-not-found` */
export function secretByName(record: FunctionRecord, name: string): SecretEntry {
  const entries = record.secrets?.entries ?? {};
  if (Object.hasOwn(entries, name)) return entries[name]!;
  throw new BrinkError('secret-not-found', `${record.name} has no secret ${name}. \`brink secret ls ${record.name}\` lists what it has.`, {
    details: { function: record.name, secret: name },
  });
}

/** What a version requires of its function's secrets: what no var of its own stands in for. */
export function requiredSecrets({ secrets, vars, async: later }: Manifest): Pick<VersionEntry, 'secrets'> {
  const inEnv = (secrets?.required ?? []).filter((name) => !Object.hasOwn(vars, name));
  const signing = later?.callback?.secret;
  const required = signing === undefined || inEnv.includes(signing) ? inEnv : [...inEnv, signing];
  return required.length === 0 ? {} : { secrets: required };
}

/** What a version requires and nobody has set. */
export function missingSecrets(record: FunctionRecord, { secrets = [] }: Pick<VersionEntry, 'secrets'>): string[] {
  return secrets.filter((name) => !Object.hasOwn(record.secrets?.entries ?? {}, name));
}

/** As `wrangler deploy` does: what would run without a secret that it requires is not let near a request. */
export function checkRequired(record: FunctionRecord, versions: readonly WeightedVersion[]): void {
  for (const { version: number } of versions) {
    const entry = record.versions.find((each) => each.number === number);
    if (entry) checkSecretsOf(record, entry);
  }
}

/** @throws {BrinkError} `secret-missing` */
export function checkSecretsOf(record: FunctionRecord, version: Pick<VersionEntry, 'number' | 'secrets'>): void {
  const missing = missingSecrets(record, version);
  if (missing.length === 0) return;
  throw new BrinkError(
    'secret-missing',
    `Version ${version.number} of ${record.name} requires secrets that are not set: ${missing.join(', ')}. Set each with \`brink secret put ${record.name} NAME\`.`,
    { details: { function: record.name, version: version.number, secrets: missing } },
  );
}

/** The aliases of which a version requires the secret. */
export function requiredBy(record: FunctionRecord, name: string): string[] {
  const needs = new Set(record.versions.filter(({ secrets = [] }) => secrets.includes(name)).map(({ number }) => number));
  return Object.keys(record.aliases).filter((alias) => record.aliases[alias]!.versions.some(({ version }) => needs.has(version)));
}

/** What the author of a version should hear. An alias would have been refused where something is missing. */
export function secretWarnings(record: FunctionRecord, version: VersionEntry, { vars }: Manifest): string[] {
  const missing = missingSecrets(record, version);
  const hidden = Object.keys(vars).filter((name) => Object.hasOwn(record.secrets?.entries ?? {}, name));
  return [
    ...(missing.length > 0 ? [`it requires secrets that are not set, without which no alias can name it: ${missing.join(', ')}`] : []),
    ...(hidden.length > 0 ? [`its vars hide secrets of the same names: ${hidden.join(', ')}`] : []),
  ];
}
