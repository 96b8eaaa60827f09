import type { HostInterface } from '../../host.ts';
import { Fields } from '../http/fields.ts';
import { ok } from '../values/result.ts';

type Value = Uint8Array<ArrayBuffer>;

export const fields: HostInterface = {
  '[constructor]fields': () => Fields.empty(),
  '[static]fields.from-list': (entries: readonly (readonly [string, Value])[]) => Fields.fromList(entries),
  '[method]fields.get': (own: Fields, name: string) => own.get(name),
  '[method]fields.has': (own: Fields, name: string) => own.has(name),
  '[method]fields.set': (own: Fields, name: string, values: readonly Value[]) => own.set(name, values),
  '[method]fields.delete': (own: Fields, name: string) => own.delete(name),
  '[method]fields.get-and-delete'(own: Fields, name: string) {
    const values = own.get(name);
    const deleted = own.delete(name);
    return deleted.tag === 'err' ? deleted : ok(values);
  },
  '[method]fields.append': (own: Fields, name: string, value: Value) => own.append(name, value),
  '[method]fields.copy-all': (own: Fields) => own.entries(),
  '[method]fields.clone': (own: Fields) => own.clone(),
};
