/** What a promise that nobody handled is told with. https://html.spec.whatwg.org/#promiserejectionevent */
export class PromiseRejectionEvent extends Event {
  readonly promise: Promise<unknown>;
  readonly reason: unknown;

  constructor(type: string, init: { readonly promise: Promise<unknown>; readonly reason?: unknown; readonly cancelable?: boolean }) {
    super(type, init);
    this.promise = init.promise;
    this.reason = init.reason;
  }
}

/** The events of the global scope, which is an EventTarget in Workers. Only `unhandledrejection` ever comes. */
export interface GlobalEvents {
  readonly methods: Readonly<Record<'addEventListener' | 'removeEventListener' | 'dispatchEvent', unknown>>;
  /** Gives an event to the function's listeners; false where one of them called `preventDefault()`. */
  dispatch(event: Event): boolean;
}

export function createGlobalEvents(): GlobalEvents {
  const target = new EventTarget();
  return {
    methods: {
      addEventListener: target.addEventListener.bind(target),
      removeEventListener: target.removeEventListener.bind(target),
      dispatchEvent: target.dispatchEvent.bind(target),
    },
    dispatch: (event) => target.dispatchEvent(event),
  };
}
