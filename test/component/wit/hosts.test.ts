import { describe, expect, it } from 'vitest';
import { BRINK_INTERFACES } from '../../../host/component/brink/interfaces.ts';
import { INTERFACES } from '../../../host/component/wasi/interfaces.ts';
import { NO_SETTINGS, type Factory } from '../../../host/component/wasi/settings.ts';
import { compatible, interfaceName } from '../../../host/component/wasi/versions.ts';
import { NO_INVOCATION } from '../wasi/fake-world.ts';
import { everyInterface, GENERATIONS } from './wit.ts';

const OFFERED = { ...INTERFACES, ...BRINK_INTERFACES };

/** Interfaces in `wit/` that the host does not have, and why. */
const ONLY_WIT: Readonly<Record<string, string>> = {
  'brink:function/scheduled': 'a component exports it',
  'brink:function/queue': 'a component exports it',
  'brink:function/email': 'a component exports it',
  'wasi:cli/run': 'a command exports it; a function is none',
  'wasi:http/incoming-handler': 'a component exports it',
  'wasi:messaging/incoming-handler': 'a component exports it',
};

/** Versions of interfaces that the host has, and that are not in `wit/`, and why. */
const ONLY_HOST: Readonly<Record<string, string>> = {
  'wasi:config/runtime@0.2.0-draft': 'what wasi:config/store was called before, for components that are there already',
  'wasi:config/store@0.2.0-draft': 'as 0.2.0-rc.1, for components that are there already',
  'wasi:config/store@0.2': 'as 0.2.0-rc.1, for the release to come',
  'wasi:keyvalue/store@0.2.0-draft': 'the first draft, for components that are there already',
  'wasi:keyvalue/atomics@0.2.0-draft': 'the first draft, for components that are there already',
  'wasi:keyvalue/batch@0.2.0-draft': 'the first draft, for components that are there already',
};

describe('what the host has and what wit/ says', async () => {
  const worlds = await Promise.all(GENERATIONS.map(everyInterface));
  const wit = new Map(
    worlds
      .flatMap(({ imports }) => [...imports])
      .flatMap(([name, item]) => (item.sort === 'instance' ? [[name, item.exports] as const] : [])),
  );
  const hostVersion = (full: string): Factory | null => {
    const { name, version } = interfaceName(full);
    const known = OFFERED[name];
    const key = known === undefined ? null : compatible(version, Object.keys(known.versions), known.firstCandidate);
    return key === null ? null : known!.versions[key]!;
  };

  it('the host has every interface that is in wit/', () => {
    const missing = [...wit.keys()].filter((full) => hostVersion(full) === null).map((full) => interfaceName(full).name);
    expect([...new Set(missing)].sort()).toEqual(Object.keys(ONLY_WIT).sort());
  });

  it('wit/ has every interface of the host', () => {
    const described = new Set(
      [...wit.keys()].map((full) => {
        const { name, version } = interfaceName(full);
        const known = OFFERED[name];
        return known === undefined ? '' : `${name}@${compatible(version, Object.keys(known.versions), known.firstCandidate)}`;
      }),
    );
    const missing = Object.entries(OFFERED)
      .flatMap(([name, { versions }]) => Object.keys(versions).map((version) => `${name}@${version}`))
      .filter((each) => !described.has(each));
    expect(missing.sort()).toEqual(Object.keys(ONLY_HOST).sort());
  });

  it.each([...wit.keys()].filter((full) => hostVersion(full) !== null))(
    '%s has the functions that its WIT names, and no others',
    (full) => {
      const named = [...wit.get(full)!].flatMap(([name, item]) => (item.sort === 'func' ? [name] : []));
      const made = Object.keys(hostVersion(full)!(NO_INVOCATION, NO_SETTINGS, { onIdle: () => undefined, onReset: () => undefined }));
      expect(made.sort()).toEqual(named.sort());
    },
  );
});
