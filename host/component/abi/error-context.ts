/** What a guest's handle of type `error-context` stands for. */
export class ErrorContext {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}
