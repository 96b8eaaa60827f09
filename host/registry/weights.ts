import { BrinkError } from '../errors.ts';
import type { WeightedVersion } from './record.ts';

const HUNDREDTHS = 10_000;

/**
 * Weights are percents with at most two decimals that add up to 100, one for each version.
 *
 * @throws {BrinkError} `weights-invalid`
 */
export function checkWeights(versions: readonly WeightedVersion[]): void {
  if (versions.length === 0) throw invalid('An alias needs at least one version.');
  const seen = new Set<number>();
  let sum = 0;
  for (const { version, weight } of versions) {
    if (seen.has(version)) throw invalid(`Version ${version} stands twice.`);
    seen.add(version);
    const hundredths = Math.round(weight * 100);
    if (!(hundredths >= 1 && weight <= 100) || Math.abs(hundredths - weight * 100) > 1e-6) {
      throw invalid(`The weight of version ${version} is ${weight}; a weight is a percent above 0, with at most two decimals.`);
    }
    sum += hundredths;
  }
  if (sum !== HUNDREDTHS) throw invalid(`The weights add up to ${sum / 100}; they must add up to 100.`, { sum: sum / 100 });
}

/**
 * A choice by weight that is exact over time: it deals from a shuffled deck that holds each version as often as
 * its weight says, and shuffles anew when the deck is dealt.
 */
export function createDeck(versions: readonly WeightedVersion[], random: () => number): () => number {
  if (versions.length === 1) {
    const only = versions[0]!.version;
    return () => only;
  }
  const shares = versions.map(({ weight }) => Math.round(weight * 100));
  const unit = shares.reduce(greatestCommonDivisor);
  const deck = versions.flatMap(({ version }, index) => Array<number>(shares[index]! / unit).fill(version));
  let left = 0;
  return () => {
    if (left === 0) left = deck.length;
    const pick = Math.floor(random() * left);
    left--;
    const version = deck[pick]!;
    deck[pick] = deck[left]!;
    deck[left] = version;
    return version;
  };
}

/**
 * The version that a key belongs to: the same key always gets the same one while the weights stay, and where they change no
 * key moves but to a version whose weight has grown beside that of its own. Of two versions, 90/10 to 80/20 moves a tenth of the keys, and back the
 * same ones. Weighted rendezvous hashing (Schindelhauer and Schomaker, 2005): each version draws a time for the key, which
 * is exponential with its weight as the rate, and the first has it.
 */
export function pickByKey(versions: readonly WeightedVersion[], key: string): number {
  const base = hash(key);
  let best = versions[0]!.version;
  let least = Infinity;
  for (const { version, weight } of versions) {
    const uniform = (finished(base ^ Math.imul(version, 0x9e3779b1)) + 0.5) / 2 ** 32;
    const time = -Math.log(uniform) / weight;
    // Of equal ones the first, whatever order they stand in.
    if (time > least || (time === least && version > best)) continue;
    best = version;
    least = time;
  }
  return best;
}

/** FNV-1a, 32 bits, with murmur3's finisher: versions are told apart by its last bits too. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  return finished(value);
}

/** murmur3's finisher. */
function finished(value: number): number {
  let mixed = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

function invalid(message: string, details?: Record<string, unknown>): BrinkError {
  return new BrinkError('weights-invalid', `${message} Write "live=3" or "live=3:90,4:10".`, { ...(details && { details }) });
}
