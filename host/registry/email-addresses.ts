import { BrinkError } from '../errors.ts';
import type { Manifest } from './manifest.ts';
import { liveVersions, type FunctionRecord } from './record.ts';
import { sameOr } from './same-or.ts';

/** Whose mail a function takes: an address, or a pattern of such. */
export interface EmailEntry {
  readonly address: string;
  readonly function: string;
}

/** For a version's entry. */
export function emailAddresses({ email }: Manifest): { readonly addresses?: readonly string[] } {
  return email === undefined || email.addresses.length === 0 ? {} : { addresses: [...new Set(email.addresses)] };
}

/** The addresses whose mail a function takes: those of versions of its alias `live`. */
export function addressesOf(record: FunctionRecord | null): string[] {
  return [...new Set(liveVersions(record).flatMap(({ addresses = [] }) => addresses))];
}

/**
 * The table with `addresses` as a function's, beside those that it has.
 *
 * @throws {BrinkError} `email-conflict` where another function has one of them
 */
export function claimAddresses(table: readonly EmailEntry[], name: string, addresses: readonly string[]): readonly EmailEntry[] {
  const claimed = new Map(table.map((entry) => [entry.address, entry]));
  for (const address of addresses) {
    const owner = claimed.get(address)?.function ?? name;
    if (owner !== name) throw conflict(address, owner);
    claimed.set(address, { address, function: name });
  }
  return sameOr(table, [...claimed.values()]);
}

/** The table with exactly these addresses as a function's, as far as no other has them. */
export function settleAddresses(table: readonly EmailEntry[], name: string, addresses: readonly string[]): readonly EmailEntry[] {
  const others = table.filter((entry) => entry.function !== name);
  const free = addresses.filter((address) => !others.some((entry) => entry.address === address));
  return sameOr(table, claimAddresses(others, name, free));
}

function conflict(address: string, owner: string): BrinkError {
  return new BrinkError(
    'email-conflict',
    `Mail to ${address} is for the function ${owner}, and each address has one. Take it out of email.addresses of one of the two, or remove that function.`,
    { details: { address, function: owner } },
  );
}
