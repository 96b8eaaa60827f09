import type { World } from '../../host.ts';
import type { HostSettings, InstanceLife } from '../settings.ts';
import { Descriptor } from './descriptor.ts';
import { Volume } from './volume.ts';

/** The volumes of one instance, whichever generation of WASI it asks with. */
export interface Volumes {
  /** What `get-directories` gives: the assets where there are any, and `/tmp`. */
  preopens(): readonly (readonly [Descriptor, string])[];
}

const volumes = new WeakMap<World, Volumes>();
const assetVolumes = new WeakMap<HostSettings['assets'], Volume>();

export function volumesOf(world: World, settings: HostSettings, life: InstanceLife): Volumes {
  let made = volumes.get(world);
  if (made === undefined) volumes.set(world, (made = make(settings, life)));
  return made;
}

function make({ assets, scratch }: HostSettings, life: InstanceLife): Volumes {
  let tmp: Volume | null = null;
  life.onReset(() => {
    tmp = null;
  });
  return {
    preopens() {
      const directories: (readonly [Descriptor, string])[] = [];
      if (assets.size > 0) directories.push([new Descriptor(...readOnly(assetVolume(assets))), '/']);
      if (scratch !== null) {
        tmp ??= new Volume(scratch);
        directories.push([new Descriptor(tmp, tmp.root, { read: true, 'mutate-directory': true }), '/tmp']);
      }
      return directories;
    },
  };
}

function readOnly(volume: Volume): ConstructorParameters<typeof Descriptor> {
  return [volume, volume.root, { read: true }];
}

/** The same for all instances of a version: nothing in it ever changes. */
function assetVolume(assets: HostSettings['assets']): Volume {
  let volume = assetVolumes.get(assets);
  if (volume === undefined) {
    volume = new Volume(null);
    for (const [path, bytes] of assets) volume.mount(path, bytes);
    assetVolumes.set(assets, volume);
  }
  return volume;
}
