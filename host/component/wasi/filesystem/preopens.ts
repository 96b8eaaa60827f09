import type { Factory } from '../settings.ts';
import { volumesOf } from './volumes.ts';

export const preopens: Factory = (world, settings, life) => {
  const volumes = volumesOf(world, settings, life);
  return { 'get-directories': () => volumes.preopens() };
};
