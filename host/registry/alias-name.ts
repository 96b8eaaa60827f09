import { BrinkError } from '../errors.ts';
import { checkName } from './names.ts';
import { readsAsVersion } from './reference.ts';

/** @throws {BrinkError} `name-invalid` */
export function checkAliasName(alias: string): void {
  checkName(alias, 'alias');
  if (readsAsVersion(alias)) {
    throw new BrinkError('name-invalid', `The alias "${alias}" would read as a version. Use a name with other letters, such as "live".`);
  }
}
