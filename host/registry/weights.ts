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

/** The version that a key belongs to: the same key always gets the same one while the weights stay. */
export function pickByKey(versions: readonly WeightedVersion[], key: string): number {
  const point = hash(key) % HUNDREDTHS;
  let upTo = 0;
  for (const { version, weight } of versions) {
    upTo += Math.round(weight * 100);
    if (point < upTo) return version;
  }
  return versions.at(-1)!.version;
}

/** FNV-1a with murmur3's finisher, 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

function invalid(message: string, details?: Record<string, unknown>): BrinkError {
  return new BrinkError('weights-invalid', `${message} Write "live=3" or "live=3:90,4:10".`, { ...(details && { details }) });
}
