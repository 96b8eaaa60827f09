/** The guest broke a rule of the Component Model, or its own code trapped: its instance runs no more. */
export class Trap extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'Trap';
  }
}
