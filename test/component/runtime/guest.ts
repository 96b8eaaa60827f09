import { parse } from '@bytecodealliance/jco';
import type { Hosts } from '../../../host/component/host.ts';
import { prepareComponent } from '../../../host/component/prepare.ts';
import { Instance } from '../../../host/component/runtime/instance.ts';
import { fakeWorld } from '../wasi/fake-world.ts';

export interface Guest {
  readonly instance: Instance;
  /** Calls what the world exports under a name. */
  call(name: string, ...args: unknown[]): Promise<unknown>;
}

/** An instance of a component that is written down as text. */
export async function guest(wat: string, hosts: Hosts = {}): Promise<Guest> {
  const { plan, modules } = prepareComponent(new Uint8Array(await parse(`(component ${wat})`)), () => false);
  const compiled = modules.map((module) => new WebAssembly.Module(module));
  const instance = new Instance(plan, compiled, () => ({ hosts, idle() {}, reset() {} }));
  const { invocation } = fakeWorld();
  return {
    instance,
    call: (name, ...args) =>
      new Promise((returned, failed) => instance.call({ interface: '', name }, args, { invocation, returned, failed })),
  };
}
