/** Why a database is not taken; the message is for people, and says what would change that. The one in use stays. */
export class ImportRefused extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'ImportRefused'
  }
}

/** Where a database could not be had, as a sentence. The next source may have it. */
export class SourceUnavailable extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'SourceUnavailable'
  }
}
