import type { LoadedVersion } from '../dispatch/cell.ts';
import type { OpenApiDocument } from '../openapi/document.ts';
import { BrinkError, isUnavailable } from '../errors.ts';
import { createKeyring } from '../secrets/keyring.ts';
import { ApiChanges } from './api-changes.ts';
import { decodeArtifact, digestOf, type Artifact } from './artifact.ts';
import { Artifacts, type Described } from './artifacts.ts';
import {
  addVersion,
  aliasFor,
  moveAlias,
  newRecord,
  pointAt,
  removeAlias,
  removeVersion,
  rollbackAlias,
  type AliasTarget,
} from './change.ts';
import { entryOf } from './entry.ts';
import { checkAliasName } from './alias-name.ts';
import { inBoth, orphansAmong, type Orphans } from './orphans.ts';
import { probeHandlers } from './probed.ts';
import type { Published, PublishOptions } from './published.ts';
import type { Hand } from './release-record.ts';
import { withMoves } from './moves.ts';
import { UNKNOWN, type Naming, type RegistryOptions } from './registry-options.ts';
import { askOrGone, findOpenApi, openApiOf } from './openapi.ts';
import { mustBeReady, newlyNamed, readyOrGone, type Readiness } from './readiness.ts';
import { functionKey, type AliasRecord, type FunctionRecord, type VersionEntry } from './record.ts';
import { OperatorRules } from './operator-rules.ts';
import { functionNotFound, removedMeanwhile } from './refusals.ts';
import { recordsIn, type Records } from './records.ts';
import { watchBy } from './schedule-watch.ts';
import { checkSecretsOf, requiredSecrets, secretWarnings } from './secret-change.ts';
import { Secrets } from './secrets.ts';
import { LiveTables } from './live-tables.ts';
import { claimRoutes, releaseRoutes, restoreRoutes, type ClaimedRoute } from './routes.ts';

const ROUTES = 'routes';

/** Functions, their immutable versions and their aliases, on one store. Every change is there whole or not at all. */
export class Registry {
  readonly secrets: Secrets;
  /** Rules of the gateway that no version brings along. */
  readonly rules: OperatorRules;
  /** What live versions have together. */
  readonly live: LiveTables;
  /** What a move of an alias means for those who call. */
  readonly api: ApiChanges;
  readonly #functions: Records<FunctionRecord>;
  readonly #routes: Records<readonly ClaimedRoute[]>;
  readonly #artifacts: Artifacts;
  readonly #now: () => number;
  readonly #readiness: Readiness | undefined;
  readonly #changed: RegistryOptions['changed'];

  constructor({ store, blobs, now, keyring = createKeyring(() => []), schedules, readiness, changed }: RegistryOptions) {
    this.#functions = recordsIn(store, schedules && watchBy(schedules));
    this.#routes = recordsIn(store);
    this.rules = new OperatorRules({ functions: this.#functions, store, now });
    this.live = new LiveTables(store);
    this.#artifacts = new Artifacts(blobs, store);
    this.api = new ApiChanges((version) => this.openapiOf(version));
    this.#now = now;
    this.#readiness = readiness;
    this.#changed = changed;
    const takenBy = (version: VersionEntry) => this.#artifacts.namesIn(version);
    this.secrets = new Secrets({ functions: this.#functions, takenBy, keyring, now });
  }

  /** @throws {BrinkError} `function-not-found` */
  async get(name: string): Promise<FunctionRecord> {
    return (await this.find(name)) ?? functionNotFound(name);
  }

  find(name: string): Promise<FunctionRecord | null> {
    return this.#functions.get(functionKey(name));
  }

  async list(): Promise<FunctionRecord[]> {
    const keys = await this.#functions.keys(functionKey(''));
    const records = await Promise.all(keys.map((key) => this.#functions.get(key)));
    return records.filter((record) => record !== null);
  }

  async routes(): Promise<readonly ClaimedRoute[]> {
    return (await this.#routes.get(ROUTES)) ?? [];
  }

  /**
   * Makes the bytes of an artifact a version. The artifact is stored first and named last, so a crash in between
   * leaves the function as it was.
   *
   * @throws {BrinkError} what `decodeArtifact`, the probe and `findOpenApi` throw, `artifact-digest-mismatch`, `breaking-change`, `route-conflict`, `queue-conflict`, `email-conflict`, `version-limit`
   */
  async publish(
    name: string,
    bytes: Uint8Array<ArrayBuffer>,
    { digest: expected, alias, tag, probe, hand }: PublishOptions,
  ): Promise<Published> {
    if (alias !== undefined) checkAliasName(alias);
    const digest = await digestOf(bytes);
    if (expected !== undefined && expected !== digest) {
      throw new BrinkError(
        'artifact-digest-mismatch',
        `The upload has the digest ${digest}, its sender computed ${expected}: it changed on its way. Send it again.`,
      );
    }
    const artifact = decodeArtifact(bytes);
    const { manifest } = artifact;
    if (manifest.name !== name) {
      throw new BrinkError('manifest-invalid', `The artifact is of the function ${manifest.name}, not ${name}.`, {
        details: { key: 'name' },
      });
    }
    claimRoutes(await this.routes(), name, manifest.routes);
    const before = (await this.find(name)) ?? newRecord(name);
    const known = before.versions.find((version) => version.digest === digest);
    if (known) {
      if (mustBeReady(before, aliasFor(before, alias), manifest)) await this.#readiness?.ready(await this.load(before, known));
      const apiChanges = await this.api.ofMove(before, { alias: aliasFor(before, alias), versions: [{ version: known.number }], hand });
      return { ...(await this.#name(name, { manifest, entry: known, wanted: alias, hand })), apiChanges };
    }
    if (aliasFor(before, alias) !== null) this.#readiness?.check(manifest);
    // Before its code is run, which may say less clearly what it misses.
    if (aliasFor(before, alias) !== null) checkSecretsOf(before, { number: before.nextVersion, ...requiredSecrets(manifest) });
    const secrets = await this.secrets.valuesOf(before);
    const handlers = await probeHandlers(artifact, (loaded) => probe(loaded, loaded === artifact ? secrets : {}));
    const key = `${digest}-${crypto.randomUUID()}`;
    const soon = this.#withSecrets(before, { artifact: key, number: before.nextVersion, digest, manifest, load: async () => artifact });
    if (this.#readiness && mustBeReady(before, aliasFor(before, alias), manifest)) await readyOrGone(this.#readiness, soon);
    const openapi = await findOpenApi(artifact, () => askOrGone(this.#readiness, soon));
    const next = { number: soon.number, ...(openapi && { openapi: openapi.facts }), read: async () => openapi && openApiOf(openapi.bytes) };
    const apiChanges = await this.api.of(before, { alias: aliasFor(before, alias), to: [next], hand }).catch((error: unknown) => {
      this.#readiness?.discard(key);
      throw error;
    });
    await this.#artifacts.put(key, { bytes, manifest, openapi: openapi?.bytes ?? null });
    const own = { digest, artifact: key, createdAt: this.#now(), tag: tag ?? null, size: bytes.byteLength, handlers };
    const entry = entryOf(manifest, { ...own, ...(openapi !== null && { openapi: openapi.facts }) });
    let unknown = false;
    try {
      const published = await this.#name(name, { manifest, entry, wanted: alias, hand });
      // Its cell would have another version's number in its log.
      if (published.version.artifact !== key || published.version.number !== soon.number) this.#readiness?.discard(key);
      return { ...published, apiChanges, warnings: [...published.warnings, ...(openapi?.notes ?? [])] };
    } catch (error) {
      this.#readiness?.discard(key);
      unknown = isUnavailable(error);
      throw error;
    } finally {
      // Refused, or someone else published the same digest meanwhile.
      const named = unknown || (await this.find(name))?.versions.some((version) => version.artifact === key);
      if (!named) await this.#artifacts.remove(key);
    }
  }

  /** @throws {BrinkError} `alias-conflict`, `version-not-found`, `weights-invalid`, `function-not-found`, `queue-conflict`, `email-conflict` */
  async moveAlias(name: string, alias: string, target: AliasTarget): Promise<AliasRecord> {
    checkAliasName(alias);
    const before = (await this.find(name)) ?? functionNotFound(name);
    // What is refused anyway is so before anything starts.
    moveAlias(before, alias, target, this.#now());
    await this.ready(before, alias, target);
    const record = await this.change(name, (current) => moveAlias(current, alias, target, this.#now()), target.hand);
    return record.aliases[alias]!;
  }

  /** @throws {BrinkError} `rollback-unavailable`, `alias-not-found`, `alias-conflict` */
  async rollback(name: string, alias: string, { ifRevision, hand }: Pick<AliasTarget, 'ifRevision' | 'hand'> = {}): Promise<AliasRecord> {
    const before = (await this.find(name)) ?? functionNotFound(name);
    const back = rollbackAlias(before, alias, this.#now(), ifRevision).aliases[alias]!;
    // Nothing that it says of itself holds the way back up.
    for (const version of newlyNamed(before, alias, back)) await this.#readiness?.warm(await this.load(before, version));
    const record = await this.change(name, (current) => rollbackAlias(current, alias, this.#now(), ifRevision), hand);
    return record.aliases[alias]!;
  }

  async removeAlias(name: string, alias: string, { ifRevision, hand }: Pick<AliasTarget, 'ifRevision' | 'hand'> = {}): Promise<void> {
    await this.change(name, (current) => removeAlias(current, alias, ifRevision), hand);
  }

  /** @throws {BrinkError} `version-in-use` where an alias names it */
  async removeVersion(name: string, number: number): Promise<void> {
    let artifact: string | undefined;
    await this.change(name, (current) => {
      artifact = current.versions.find((version) => version.number === number)?.artifact;
      return removeVersion(current, number);
    });
    if (artifact !== undefined) await this.#artifacts.remove(artifact);
  }

  /** Removes a function with its versions, aliases and routes. */
  async removeFunction(name: string): Promise<void> {
    await this.#routes.update(ROUTES, (current) => releaseRoutes(current ?? [], name));
    const record = await this.#functions.delete(functionKey(name), () => {});
    await this.live.settle(name, await this.find(name));
    if (record === null) functionNotFound(name);
    for (const { artifact } of record.versions) await this.#artifacts.remove(artifact);
    await this.rules.forget(record.gateway);
  }

  /** What an engine needs to start a cell of a version. */
  async load(record: FunctionRecord, version: VersionEntry): Promise<LoadedVersion> {
    return this.#withSecrets(record, await this.#artifacts.describe(record, version));
  }

  artifact(name: string, version: VersionEntry): Promise<Artifact> {
    return this.#artifacts.get(name, version);
  }

  /** The OpenAPI document of a version: of 3.1, and checked. null where it has none. */
  async openapiOf(version: Pick<VersionEntry, 'artifact'>): Promise<OpenApiDocument | null> {
    const bytes = await this.#artifacts.openapi(version);
    return bytes && openApiOf(bytes);
  }

  /** What a crash during a publish left, and what a publish that is under way has not named yet. */
  async orphans(): Promise<Orphans> {
    const keys = await this.#artifacts.keys();
    const owners = (await this.routes()).map((route) => route.function);
    // Last: what was named by then is no orphan.
    const records = await this.list();
    return { ...orphansAmong({ keys, owners }, records), rules: await this.rules.orphans(records) };
  }

  /**
   * Removes artifacts that no version names, and routes of functions that are not there. Where hosts share the store, only
   * those that were orphans long `before`, since someone may be publishing; elsewhere call it before anything is published.
   */
  async sweep(before?: Orphans): Promise<number> {
    const { owners, artifacts, rules } = inBoth(await this.orphans(), before);
    for (const owner of owners) await this.#routes.update(ROUTES, (current) => releaseRoutes(current ?? [], owner));
    for (const owner of await this.live.owners()) await this.live.settle(owner, await this.find(owner));
    for (const key of artifacts) await this.#artifacts.remove(key);
    await this.rules.remove(rules);
    return artifacts.size;
  }

  /** Routes first, then version and alias in one step: what a crash leaves in between is a route that leads where it led. */
  async #name(name: string, { manifest, entry, wanted, hand }: Naming): Promise<Omit<Published, 'apiChanges'>> {
    const before = await this.routes();
    await this.#routes.update(ROUTES, (current) => claimRoutes(current ?? [], name, manifest.routes));
    let created = false;
    let alias: string | null = null;
    try {
      const record = await this.#update(
        name,
        (current) => {
          const known = current ?? newRecord(name);
          if ('number' in entry && !known.versions.some(({ digest }) => digest === entry.digest)) throw removedMeanwhile(name);
          const added = addVersion(known, entry);
          created = added !== known;
          alias = aliasFor(added, wanted);
          return alias === null ? added : pointAt(added, alias, entry.digest, this.#now());
        },
        hand,
      );
      const version = record.versions.find(({ digest }) => digest === entry.digest)!;
      return { record, version, created, alias, warnings: secretWarnings(record, version, manifest) };
    } catch (error) {
      // It may have been named all the same, and then needs them.
      if (isUnavailable(error)) throw error;
      await this.#routes.update(ROUTES, (current) => restoreRoutes(current ?? [], name, before));
      throw error;
    }
  }

  #withSecrets(record: FunctionRecord, described: Described): LoadedVersion {
    const { name, secrets } = record;
    return { ...described, function: name, secretsRevision: secrets?.revision ?? 0, secrets: () => this.secrets.valuesOf(record) };
  }

  /** Has the versions ready that an alias is about to name and does not name now. @throws {BrinkError} `health-check-failed`, `unsupported` */
  async ready(record: FunctionRecord, alias: string, target: Pick<AliasTarget, 'versions'>): Promise<void> {
    for (const version of newlyNamed(record, alias, target)) await this.#readiness?.ready(await this.load(record, version));
  }

  /** Changes a function's record by a pure function. What that throws is thrown; the record as it was writes nothing. */
  change(name: string, change: (current: FunctionRecord) => FunctionRecord, hand?: Hand): Promise<FunctionRecord> {
    return this.#update(name, (current) => change(current ?? functionNotFound(name)), hand);
  }

  /** Queues and addresses first, then the record: what a crash leaves in between is one that nobody takes, which `sweep` gives back. */
  async #update(name: string, change: (current: FunctionRecord | null) => FunctionRecord, hand: Hand = UNKNOWN): Promise<FunctionRecord> {
    let before: FunctionRecord | null = null;
    try {
      await this.live.claim(name, change(await this.find(name)));
      const after = await this.#functions.update(functionKey(name), (current) => {
        before = current;
        return withMoves(current, change(current), { now: this.#now(), hand });
      });
      if (after !== before) this.#changed?.(before, after);
      return after;
    } finally {
      await this.live.settle(name, await this.find(name));
    }
  }
}
