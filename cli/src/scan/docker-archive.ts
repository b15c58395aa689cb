import { digestOf, parseImageConfig } from '@breakwater/oci'
import type { FileTree } from './file-tree.ts'
import { claimedDiffIds, type ImageSource, maxConfigBytes } from './image.ts'
import type { Choice } from './layout-image.ts'

/** An entry of `manifest.json`, as `docker save` writes it. */
interface SavedImage {
  readonly config: string
  readonly tags: readonly string[]
  readonly layers: readonly string[]
}

/** The image of an archive that `docker save` wrote. Throws with the choices where there are several. */
export async function savedImage(name: string, tree: FileTree, { tag }: Choice): Promise<ImageSource> {
  const saved = readSaved(JSON.parse((await tree.read('manifest.json', maxConfigBytes)).toString('utf8')))
  const [only, ...others] = tag === undefined ? saved : saved.filter(({ tags }) => tags.includes(tag))
  if (only === undefined || others.length > 0) {
    const known = saved.flatMap(({ tags }) => tags).join(', ') || 'none has a name'
    throw new Error(
      only ? `it holds several images; choose one with --tag: ${known}` : `it holds no image ${tag ?? ''}: ${known}`,
    )
  }
  const bytes = await tree.read(only.config, maxConfigBytes)
  const config = parseImageConfig(bytes)
  const diffIds = claimedDiffIds(config, only.layers.length)
  const layers = only.layers.flatMap((path, at) => {
    const diffId = diffIds[at]
    return diffId ? [{ diffId, open: () => tree.open(path) }] : []
  })
  return { name, imageId: digestOf(bytes), config, layers }
}

function readSaved(document: unknown): SavedImage[] {
  if (!Array.isArray(document)) throw new Error('manifest.json is no list of images')
  return document.map((entry: unknown) => {
    const { Config, RepoTags, Layers } = (entry ?? {}) as { Config?: unknown; RepoTags?: unknown; Layers?: unknown }
    if (typeof Config !== 'string' || !isTexts(Layers)) throw new Error('manifest.json names no layers')
    return { config: Config, tags: isTexts(RepoTags) ? RepoTags : [], layers: Layers }
  })
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string')
}
