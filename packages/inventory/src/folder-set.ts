/**
 * Folders, and whether something lies in one of them, at any depth. However many there are and however deep they lie, a
 * question costs a search: layers may take away as many as they like.
 */
export class FolderSet {
  /** Sorted, each with its slash, and none within another: then only the nearest before a path can hold it. */
  readonly #folders: string[] = []

  /** The root has an empty name. */
  constructor(folders: Iterable<string>) {
    const sorted = Array.from(folders, (folder) => (folder === '' ? '' : `${folder}/`)).sort(byCode)
    for (const folder of sorted) {
      const last = this.#folders.at(-1)
      if (last === undefined || !folder.startsWith(last)) this.#folders.push(folder)
    }
  }

  holds(path: string): boolean {
    let from = 0
    let to = this.#folders.length
    while (from < to) {
      const middle = (from + to) >>> 1
      if (byCode(this.#folders[middle] ?? '', path) <= 0) from = middle + 1
      else to = middle
    }
    const nearest = this.#folders[from - 1]
    return nearest !== undefined && path.length > nearest.length && path.startsWith(nearest)
  }
}

function byCode(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}
