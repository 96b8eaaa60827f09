/** A value of the host does not fit its type. The message names where in the value, the WIT type, and what came. */
export class Misfit extends TypeError {
  readonly #what: string;
  #path: string;

  constructor(what: string, path = '') {
    super(message(what, path));
    this.#what = what;
    this.#path = path;
  }

  /** The value was part of another one. */
  within(step: string): this {
    this.#path = this.#path === '' || this.#path.startsWith('[') ? step + this.#path : `${step}.${this.#path}`;
    this.message = message(this.#what, this.#path);
    return this;
  }
}

/** @param type what was wanted, as `u8` or `an object for record` */
export function misfit(type: string, value: unknown): Misfit {
  return new Misfit(`${type} was wanted, and not ${describe(value)}`);
}

/** For `catch` around the parts of a value: an error with one more step of the path, to be thrown on. */
export function within(error: unknown, step: string): unknown {
  return error instanceof Misfit ? error.within(step) : error;
}

function message(what: string, path: string): string {
  return path === '' ? `The host gave a value of another type: ${what}.` : `The host gave a value of another type: at ${path}, ${what}.`;
}

function describe(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return `the string ${JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value)}`;
    case 'number':
    case 'boolean':
      return `the ${typeof value} ${String(value)}`;
    case 'bigint':
      return `the bigint ${value}n`;
    case 'undefined':
      return 'undefined';
    case 'symbol':
      return 'a symbol';
    case 'function':
      return 'a function';
    default:
      return value === null ? 'null' : Array.isArray(value) ? `an array of ${value.length}` : `an object of ${className(value as object)}`;
  }
}

function className(value: object): string {
  const { constructor } = value;
  return typeof constructor === 'function' && constructor.name !== '' ? constructor.name : 'no class';
}
