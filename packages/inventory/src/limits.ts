/** What one layer may cost. Beyond a limit its inventory is partial, or the layer is refused. */
export interface LayerLimits {
  /** Uncompressed, in all. */
  readonly bytes: number
  /** Uncompressed bytes for each compressed one, once there are more than `ratioFrom` of them. */
  readonly ratio: number
  readonly ratioFrom: number
  readonly entries: number
  /** Of a name, in bytes. */
  readonly pathBytes: number
  /** Of one file that is parsed. */
  readonly fileBytes: number
  /** Of all files that are parsed. */
  readonly capturedBytes: number
  readonly packages: number
  readonly milliseconds: number
}

export const defaultLayerLimits: LayerLimits = {
  bytes: 64 * 2 ** 30,
  ratio: 400,
  ratioFrom: 2 ** 30,
  entries: 2_000_000,
  pathBytes: 4_096,
  fileBytes: 64 * 2 ** 20,
  capturedBytes: 512 * 2 ** 20,
  packages: 100_000,
  milliseconds: 600_000,
}
