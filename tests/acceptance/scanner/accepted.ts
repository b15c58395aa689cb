/** A difference to the real trivy that was looked at and is meant. */
export interface Accepted {
  /** Images in which it shows. */
  readonly image: RegExp
  /** `-` or `+` and the line's fields, joined by tabs. */
  readonly line: RegExp
  readonly reason: string
}

/** Each with its reason; one that no longer shows is a failure too, so that the list stays true. */
export const accepted: readonly Accepted[] = []
