/** Counts checks and prints a line for each. */
export interface Report {
  readonly passed: (name: string) => void
  readonly failed: (name: string, error: unknown) => void
  readonly skipped: (name: string, why: string) => void
  readonly note: (text: string) => void
  readonly total: () => void
  readonly hasFailed: () => boolean
}

export function createReport(print: (line: string) => void): Report {
  const counts = { passed: 0, failed: 0, skipped: 0 }
  return {
    passed(name) {
      counts.passed += 1
      print(`ok ${name}`)
    },
    failed(name, error) {
      counts.failed += 1
      const why = error instanceof Error ? error.message : String(error)
      print(`not ok ${name}: ${why.trim().replaceAll('\n', '\n    ')}`)
    },
    skipped(name, why) {
      counts.skipped += 1
      print(`skipped ${name}: ${why}`)
    },
    note(text) {
      for (const line of text.split('\n')) print(`  # ${line}`)
    },
    total() {
      const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : ''
      print(`${counts.passed} passed, ${counts.failed} failed${skipped}`)
    },
    hasFailed: () => counts.failed > 0,
  }
}
