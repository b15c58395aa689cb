/** Says what is being done, for people who wait: on standard error, so that results stay clean. */
export interface Progress {
  /** A step that has begun; replaces the line of the one before on a terminal. */
  step(text: string): void
  /** Something that a person has to know, and that stays. */
  warn(text: string): void
  /** Takes the line away. */
  end(): void
}

const tooOftenMs = 200

/** Progress on a terminal as one line that changes; elsewhere nothing but warnings, as logs keep every line. */
export function createProgress(stream: NodeJS.WriteStream, quiet: boolean): Progress {
  const shown = stream.isTTY && !quiet
  let last = 0
  const clear = () => {
    if (shown && last > 0) stream.write('\r\u001b[K')
    last = 0
  }
  return {
    step(text) {
      if (!shown || Date.now() - last < tooOftenMs) return
      clear()
      last = Date.now()
      stream.write(text.slice(0, Math.max((stream.columns ?? 80) - 1, 20)))
    },
    warn(text) {
      clear()
      stream.write(`breakwater: ${text}\n`)
    },
    end: clear,
  }
}

/** `12.3 of 45.6 MB`. */
export function megabytes(done: number, all: number): string {
  return `${(done / 1e6).toFixed(1)} of ${(all / 1e6).toFixed(1)} MB`
}

/** `1.23`, of bytes. */
export function gigabytes(bytes: number): string {
  return (bytes / 1e9).toFixed(2)
}
