/** What the author's code gave is no answer: the host knows the error by its name, and answers `response-invalid` (502). */
export class InvalidAnswer extends Error {
  override name = 'InvalidAnswer';
}
