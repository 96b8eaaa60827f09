import { createCodecs } from '../../../host/component/abi/codecs.ts';
import type { Codecs } from '../../../host/component/abi/codec.ts';
import { HandleTable, type ResourceHandle } from '../../../host/component/abi/handles.ts';
import { GuestMemory } from '../../../host/component/abi/memory.ts';
import type { AbiComponent, AbiTarget, BorrowScope } from '../../../host/component/abi/target.ts';
import type { Plan, ResourceType, StringEncoding, ValueType } from '../../../host/component/plan.ts';

export const PAGE = 65_536;

/** A resource of the host, one that the component defines itself, and one of another component. */
export const RESOURCES: readonly ResourceType[] = [
  { kind: 'imported', interface: 'test:host/things', name: 'thing' },
  { kind: 'defined', component: 0, destructor: null },
  { kind: 'defined', component: 1, destructor: null },
];

export interface FakeOptions {
  readonly encoding?: StringEncoding;
  /** Instead of the bump allocator. */
  readonly realloc?: AbiTarget['realloc'];
  /** Grows the memory, and so detaches its buffer, each time that something is allocated. */
  readonly grows?: boolean;
  readonly pages?: number;
}

/** A guest without code: a real memory, and an allocator that hands out one piece after another. */
export class FakeGuest implements AbiComponent, AbiTarget {
  readonly index = 0;
  readonly component = this;
  readonly wasm: WebAssembly.Memory;
  readonly memory: GuestMemory;
  readonly handles = new HandleTable();
  readonly encoding: StringEncoding;
  readonly realloc: NonNullable<AbiTarget['realloc']>;
  readonly codecs: Codecs;
  readonly scope: FakeScope = new FakeScope();
  /** What it was asked to allocate, in bytes. */
  readonly allocated: number[] = [];
  #next = 1024;

  constructor(types: readonly ValueType[], options: FakeOptions = {}) {
    this.wasm = new WebAssembly.Memory({ initial: options.pages ?? 4 });
    this.memory = new GuestMemory(this.wasm);
    this.encoding = options.encoding ?? 'utf8';
    this.realloc =
      options.realloc ??
      ((_old, _oldBytes, align, bytes) => {
        this.allocated.push(bytes);
        if (options.grows === true) this.wasm.grow(1);
        return this.allocate(align, bytes);
      });
    this.codecs = createCodecs(planOf(types), this);
  }

  allocate(align: number, bytes: number): number {
    const at = Math.ceil(this.#next / align) * align;
    this.#next = at + bytes;
    const missing = this.#next - this.wasm.buffer.byteLength;
    if (missing > 0) this.wasm.grow(Math.ceil(missing / PAGE));
    return at;
  }

  get view(): DataView {
    return new DataView(this.wasm.buffer);
  }

  get u8(): Uint8Array {
    return new Uint8Array(this.wasm.buffer);
  }

  liftStream(handle: number): unknown {
    return this.handles.remove(handle);
  }

  lowerStream(value: unknown): number {
    return this.handles.add(value);
  }

  liftFuture(handle: number): unknown {
    return this.handles.remove(handle);
  }

  lowerFuture(value: unknown): number {
    return this.handles.add(value);
  }
}

export class FakeScope implements BorrowScope {
  readonly lent: ResourceHandle[] = [];
  borrows = 0;

  lend(handle: ResourceHandle): void {
    handle.lends += 1;
    this.lent.push(handle);
  }

  borrow(): void {
    this.borrows += 1;
  }

  returned(): void {
    this.borrows -= 1;
  }
}

function planOf(types: readonly ValueType[]): Plan {
  return {
    format: 1,
    modules: [],
    types,
    signatures: [],
    resources: RESOURCES,
    components: [{ parent: null }, { parent: 0 }],
    memories: [],
    coreFunctions: [],
    functions: [],
    instances: [],
    suspends: { functions: [], components: [] },
    support: null,
    exports: {},
  };
}
