import { artifactOf } from '../../conformance/harness.ts';
import type { Artifact } from '../../../host/registry/artifact.ts';

/** What every host of the comparison runs. */
export const HELLO = `export default { fetch() { return new Response('hello') } }`;
export const ECHO = `export default { async fetch(request) { return new Response(await request.arrayBuffer()) } }`;

export function functionOf(name: string, source: string): Artifact {
  return artifactOf(name, { 'index.js': source });
}
