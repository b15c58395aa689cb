/** A command line that cannot be carried out as it stands; the message says how to put it right. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'UsageError'
  }
}
