/** An artifact in its canonical form (`artifact.ts`). */
export const ARTIFACT_MEDIA_TYPE = 'application/vnd.brink.artifact';
