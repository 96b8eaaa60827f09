/** The part of Node's module that workerd gives with the flag `nodejs_als`. */
declare module 'node:async_hooks' {
  export class AsyncLocalStorage<Store> {
    run<Result>(store: Store, body: () => Result): Result;
    getStore(): Store | undefined;
  }
}
