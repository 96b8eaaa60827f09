/** What this function uses of Node's module; `@types/node` has all of it. */
declare module 'node:crypto' {
  export function scrypt(
    password: string,
    salt: Uint8Array,
    length: number,
    options: { readonly N: number; readonly r: number; readonly p: number },
    done: (error: Error | null, key: Uint8Array) => void,
  ): void;
  /** @throws {RangeError} where the lengths differ */
  export function timingSafeEqual(a: Uint8Array, b: Uint8Array): boolean;
}
