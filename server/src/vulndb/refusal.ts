import { VulndbError, type VulndbErrorCode } from '@breakwater/vulndb'

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

const remedies: Readonly<Record<VulndbErrorCode, string>> = {
  'not-bolt': 'Fetch it again.',
  damaged: 'Fetch it again.',
  'too-large': 'No known database is that large: check where it comes from.',
  archive: 'Give a db.tar.gz as trivy-db has it: trivy.db and metadata.json.',
  metadata: 'Give the metadata.json that came with trivy.db.',
  schema: 'Use the tag 2 of trivy-db.',
  content: 'Check where it comes from.',
}

/** Does something with a database; one that cannot be used becomes ImportRefused, anything else is a fault of ours. */
export async function refusing<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof VulndbError)) throw error
    const { message, code } = error
    throw new ImportRefused(`The database cannot be used: ${message}. ${remedies[code]}`, { cause: error })
  }
}
