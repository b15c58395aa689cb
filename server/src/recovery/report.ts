/** Who is told how far a long run is. Called often. */
export interface Report {
  step(text: string): void
}

/** `3 of 10 blobs, 1.2 of 4.0 GB`. */
export function blobProgress(done: Amount, all: Amount): string {
  return `${done.count} of ${all.count} blobs, ${gigabytes(done.bytes)} of ${gigabytes(all.bytes)} GB`
}

export interface Amount {
  readonly count: number
  readonly bytes: number
}

function gigabytes(bytes: number): string {
  return (bytes / 1e9).toFixed(2)
}
