import { BrinkError } from '../errors.ts';

export function functionNotFound(name: string): never {
  throw new BrinkError('function-not-found', `There is no function ${JSON.stringify(name)}. \`brink ls\` lists what there is.`, {
    details: { function: name },
  });
}

export function removedMeanwhile(name: string): BrinkError {
  return new BrinkError('write-conflict', `Someone removed this version of ${name} while it was published again. Publish it once more.`);
}

export function lost(name: string, number: number): BrinkError {
  return new BrinkError('version-not-found', `The artifact of ${name}@${number} is not in the store any more. Publish it again.`);
}
