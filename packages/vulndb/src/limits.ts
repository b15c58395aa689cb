/** What is taken of a database; the published one is far below each. */
export const limits = {
  /** Bytes of `trivy.db` unpacked. */
  databaseBytes: 8 * 1024 ** 3,
  /** Bytes of `metadata.json`. */
  metadataBytes: 64 * 1024,
  /** Bytes of one page with all it runs on into, so of one value. */
  pageBytes: 64 * 1024 ** 2,
  /** Bytes of a key; bbolt refuses longer ones too. */
  keyBytes: 32_768,
  /** Pages from a bucket's root to a leaf. */
  treeDepth: 32,
  /** Bytes of one JSON value. */
  valueBytes: 16 * 1024 ** 2,
  /** Bytes of what one bucket says of one package. */
  groupBytes: 64 * 1024 ** 2,
} as const
