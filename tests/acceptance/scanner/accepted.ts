/** A difference to the real trivy that was looked at and is meant. */
export interface Accepted {
  /** Images in which it shows. */
  readonly image: RegExp
  /** `-` or `+` and the line's fields, joined by tabs. */
  readonly line: RegExp
  readonly reason: string
}

/** Each with its reason; one that no longer shows is a failure too, so that the list stays true. */
export const accepted: readonly Accepted[] = [
  {
    image: /^languages-fuzzed$/,
    line: /^\+node-pkg\telectron\t3\.0\.0-.*\tCVE-2019-5786\t/,
    reason: 'node takes 3.0.0-beta.1 for outside of ^2.0.18, so it is not mended; trivy takes it for inside',
  },
  {
    image: /^languages-fuzzed$/,
    line: /^\+node-pkg\tmysql\tv\d/,
    reason: 'npm reads a version with v before it; trivy leaves such a package out',
  },
  {
    image: /^languages-fuzzed$/,
    line: /^-python-pkg\tsleekxmpp\t.*\tCVE-2017-5591\t/,
    reason:
      'its range `=1.0beta6.1` is none of PEP 440, so that it is not read; trivy cuts it into `=1.0beta` and `6.1`',
  },
  {
    image: /^rocky-8$/,
    line: /^(?:\+rocky\t.*\trocky\trocky\tRLSA-[\d:]+|-rocky\t.*\trocky\trocky\t)$/,
    reason: "Rocky's own name of the advisory, which the database has and trivy leaves out; all else is equal",
  },
]
