/**
 * - `not-a-tar`: what is unpacked is no tar archive.
 * - `corrupt`: it ends too soon, or a checksum is wrong.
 * - `too-large`: over a limit, so that not even its diff ID is known.
 * - `too-slow`: it took longer than it may.
 */
export type LayerFault = 'not-a-tar' | 'corrupt' | 'too-large' | 'too-slow'

/** A layer that can't be read; an image with such a layer is never clean. */
export class LayerError extends Error {
  readonly code: LayerFault
  constructor(code: LayerFault, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'LayerError'
    this.code = code
  }
}
