import type { ContentStore } from './store.ts'

/** Does the work of an operation, and takes note of it. */
export type Watch = <T>(operation: 'head' | 'get' | 'put' | 'remove', work: () => Promise<T>) => Promise<T>

/** The same store, each operation of it within `watch`; lists and presigned addresses go past it. */
export function watchStore(store: ContentStore, watch: Watch): ContentStore {
  return {
    ...store,
    size: (digest) => watch('head', () => store.size(digest)),
    read: (...asked) => watch('get', () => store.read(...asked)),
    readParts: (...asked) => watch('get', () => store.readParts(...asked)),
    getRecord: (name) => watch('get', () => store.getRecord(name)),
    writePart: (...given) => watch('put', () => store.writePart(...given)),
    commit: (...given) => watch('put', () => store.commit(...given)),
    write: (...given) => watch('put', () => store.write(...given)),
    putRecord: (...given) => watch('put', () => store.putRecord(...given)),
    remove: (digest) => watch('remove', () => store.remove(digest)),
    discardPart: (...given) => watch('remove', () => store.discardPart(...given)),
    discard: (upload) => watch('remove', () => store.discard(upload)),
    removeRecord: (name) => watch('remove', () => store.removeRecord(name)),
  }
}
