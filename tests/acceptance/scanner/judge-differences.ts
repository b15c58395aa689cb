import { type Accepted, accepted } from './accepted.ts'
import { compare, type Said } from './findings.ts'

/** How often the two scanners agreed, over all images. */
export interface Tally {
  readonly images: number
  readonly packages: number
  readonly findings: number
  readonly accepted: number
}

const mostShown = 12

/** Judges one image after another against the list of accepted differences. */
export interface DifferenceJudge {
  /** Says what was equal; throws every difference that nobody has accepted. */
  readonly judge: (image: string, theirs: Said, ours: Said) => string
  readonly tally: () => Tally
  /** Accepted differences that no image had. */
  readonly unused: () => readonly Accepted[]
}

export function createDifferenceJudge(): DifferenceJudge {
  const used = new Set<Accepted>()
  const total = { images: 0, packages: 0, findings: 0, accepted: 0 }
  const isAccepted = (image: string, text: string) => {
    const entry = accepted.find((one) => one.image.test(image) && one.line.test(text))
    if (entry) used.add(entry)
    return entry !== undefined
  }
  return {
    judge(image, theirs, ours) {
      const packages = compare(theirs.packages, ours.packages)
      const findings = compare(theirs.findings, ours.findings)
      const different = [...packages.different, ...findings.different]
      const fresh = different.filter((text) => !isAccepted(image, text))
      total.images += 1
      total.packages += packages.equal
      total.findings += findings.equal
      total.accepted += different.length - fresh.length
      const counts = `${packages.equal} packages and ${findings.equal} findings equal, ${different.length - fresh.length} differences accepted`
      if (fresh.length > 0) {
        const shown = fresh.slice(0, mostShown).map((text) => text.replaceAll('\t', ' | '))
        const more = fresh.length > mostShown ? [`and ${fresh.length - mostShown} more`] : []
        throw new Error([`${counts}, ${fresh.length} new (- only trivy, + only we):`, ...shown, ...more].join('\n'))
      }
      if (packages.equal === 0) throw new Error('neither has found a package')
      return counts
    },
    tally: () => ({ ...total }),
    unused: () => accepted.filter((one) => !used.has(one)),
  }
}
