import { BrinkError } from '../errors.ts';
import type { Keyring } from '../secrets/keyring.ts';
import { newRecord } from './change.ts';
import { checkName } from './names.ts';
import { functionKey, type FunctionRecord, type SecretEntry, type VersionEntry } from './record.ts';
import type { Records } from './records.ts';
import { changeSecrets, checkSecretName, checkSecretValue, reseal, secretByName } from './secret-change.ts';

export interface SecretsOptions {
  readonly functions: Records<FunctionRecord>;
  /** The names that a version's vars and bindings have in `env`. */
  readonly takenBy: (version: VersionEntry) => Promise<readonly string[]>;
  readonly keyring: Keyring;
  readonly now: () => number;
}

export interface Rotated {
  /** The id of the key under which all are now. */
  readonly key: string;
  /** How many were under another. */
  readonly rotated: number;
}

/** Functions' secrets, encrypted in their records. A value goes in, and comes out for a cell alone. */
export class Secrets {
  readonly #functions: Records<FunctionRecord>;
  readonly #takenBy: SecretsOptions['takenBy'];
  readonly #keyring: Keyring;
  readonly #now: () => number;

  constructor({ functions, takenBy, keyring, now }: SecretsOptions) {
    this.#functions = functions;
    this.#takenBy = takenBy;
    this.#keyring = keyring;
    this.#now = now;
  }

  /**
   * Sets secrets, and takes those away that are null: all of them or, where one is refused, none. A function need not
   * have been published: what its first version requires can be there before it.
   *
   * @throws {BrinkError} `name-invalid`, `secret-too-large`, `secret-conflict`, `secret-limit`, `secret-key-missing`
   */
  async change(name: string, values: ReadonlyMap<string, string | null>): Promise<FunctionRecord> {
    checkName(name, 'function');
    for (const [secret, value] of values) {
      checkSecretName(secret);
      if (value !== null) checkSecretValue(secret, value);
    }
    const set = [...values.keys()].filter((secret) => values.get(secret) !== null);
    await this.#refuseTaken(name, set);
    const changes = new Map<string, SecretEntry | null>();
    for (const [secret, value] of values) {
      const setAt = this.#now();
      changes.set(secret, value === null ? null : { ...(await this.#keyring.seal(value, { function: name, name: secret })), setAt });
    }
    return this.#functions.update(functionKey(name), (current) => {
      if (current === null && set.length === 0) throw notFound(name);
      return changeSecrets(current ?? newRecord(name), changes);
    });
  }

  /** @throws {BrinkError} `secret-not-found`, `function-not-found` */
  remove(name: string, secret: string): Promise<FunctionRecord> {
    checkSecretName(secret);
    return this.#functions.update(functionKey(name), (current) => {
      if (current === null) throw notFound(name);
      secretByName(current, secret);
      return changeSecrets(current, new Map([[secret, null]]));
    });
  }

  /**
   * Encrypts what is under another key with the first one. Those that do not open stay, and are named at the end.
   *
   * @throws {BrinkError} `secret-unreadable`, after the others are done
   */
  async rotate(): Promise<Rotated> {
    const key = await this.#keyring.current();
    const unread: string[] = [];
    let rotated = 0;
    for (const place of await this.#functions.keys(functionKey(''))) {
      const record = await this.#functions.get(place);
      if (record === null) continue;
      const fresh = await this.#resealed(record, key, unread);
      if (fresh.size === 0) continue;
      // A function that was removed meanwhile is not made again: what is returned as it came writes nothing.
      await this.#functions.update(place, (current) => (current === null ? (current as never) : reseal(current, fresh)));
      rotated += fresh.size;
    }
    if (unread.length === 0) return { key, rotated };
    throw new BrinkError(
      'secret-unreadable',
      `${rotated} secrets are under the key ${key} now; these cannot be read: ${unread.join(', ')}. Give the host the keys that they are under, or set them anew.`,
      { details: { key, rotated, secrets: unread } },
    );
  }

  /** The values, for a cell. @throws {BrinkError} `secret-unreadable` */
  async valuesOf({ name: fn, secrets }: FunctionRecord): Promise<Readonly<Record<string, string>>> {
    const entries = Object.entries(secrets?.entries ?? {});
    return Object.fromEntries(
      await Promise.all(
        entries.map(async ([name, sealed]): Promise<[string, string]> => [name, await this.#keyring.open(sealed, { function: fn, name })]),
      ),
    );
  }

  /** As `wrangler secret put` refuses a name that is another binding's. A version published earlier keeps its own. */
  async #refuseTaken(name: string, secrets: readonly string[]): Promise<void> {
    const newest = (await this.#functions.get(functionKey(name)))?.versions.at(-1);
    const names = newest ? await this.#takenBy(newest) : [];
    const taken = secrets.find((secret) => names.includes(secret));
    if (taken === undefined) return;
    throw new BrinkError(
      'secret-conflict',
      `${name}@${newest!.number} has a var or a binding ${taken}, which would hide the secret. Publish a version without it first, or use another name.`,
      { details: { function: name, secret: taken, version: newest!.number } },
    );
  }

  async #resealed(record: FunctionRecord, key: string, unread: string[]): Promise<Map<string, { from: SecretEntry; to: SecretEntry }>> {
    const fresh = new Map<string, { from: SecretEntry; to: SecretEntry }>();
    for (const [name, from] of Object.entries(record.secrets?.entries ?? {})) {
      if (from.key === key) continue;
      const place = { function: record.name, name };
      const value = await this.#keyring.open(from, place).catch(() => null);
      if (value === null) unread.push(`${record.name}/${name}`);
      else fresh.set(name, { from, to: { ...(await this.#keyring.seal(value, place)), setAt: from.setAt } });
    }
    return fresh;
  }
}

function notFound(name: string): BrinkError {
  return new BrinkError('function-not-found', `There is no function ${JSON.stringify(name)}. \`brink ls\` lists what there is.`, {
    details: { function: name },
  });
}
