/** What keeps the set-up from going on, told in one sentence with its remedy. */
export class SetupError extends Error {
  override readonly name = 'SetupError';
  /** What the user can do about it. */
  readonly remedy: string | undefined;

  constructor(message: string, options: ErrorOptions & { remedy?: string } = {}) {
    super(message, options);
    this.remedy = options.remedy;
  }
}
