import {
  algorithmOf,
  type Descriptor,
  type Digest,
  digestOf,
  hexOf,
  type ImageManifest,
  isImageConfigType,
  type Manifest,
  mediaType,
  parseImageConfig,
  parseManifest,
} from '@breakwater/oci'
import type { FileTree } from './file-tree.ts'
import { choosePlatform, claimedDiffIds, type ImageSource, maxConfigBytes } from './image.ts'

const refName = 'org.opencontainers.image.ref.name'
/** Indexes within indexes; image-spec sets no bound. */
const maxDepth = 4

export interface Choice {
  /** The tag to scan, where a file holds several images. */
  readonly tag?: string
  readonly platform?: string
}

/** The image of an OCI image layout (image-spec, image-layout.md). Throws with the choices where there are several. */
export async function layoutImage(name: string, tree: FileTree, choice: Choice): Promise<ImageSource> {
  const index = parseManifest(await tree.read('index.json', maxConfigBytes), mediaType.ociIndex)
  if (index.kind !== 'index') throw new Error('index.json is no image index')
  const { digest, manifest } = await imageManifest(tree, chooseTag(index.manifests, choice.tag), choice.platform)
  if (!isImageConfigType(manifest.config.mediaType)) {
    throw new Error(`it is no container image: its config has the type ${manifest.config.mediaType}`)
  }
  const config = parseImageConfig(await readBlob(tree, manifest.config.digest))
  const diffIds = claimedDiffIds(config, manifest.layers.length)
  const layers = manifest.layers.flatMap((layer, at) => {
    const diffId = diffIds[at]
    return diffId ? [{ diffId, digest: layer.digest, open: () => tree.open(blobPath(layer.digest)) }] : []
  })
  return { name, digest, imageId: manifest.config.digest, config, layers }
}

function chooseTag(manifests: readonly Descriptor[], tag: string | undefined): readonly Descriptor[] {
  const tagOf = ({ annotations }: Descriptor) => annotations?.[refName]
  const tags = [...new Set(manifests.map(tagOf))]
  if (tag === undefined && tags.length > 1) {
    const known = tags.map((one) => one ?? 'one without a name').join(', ')
    throw new Error(`it holds several images; choose one with --tag: ${known}`)
  }
  const chosen = tag === undefined ? manifests : manifests.filter((one) => tagOf(one) === tag)
  if (chosen.length === 0) throw new Error(`it holds no image ${tag ?? ''}; it has ${tags.join(', ') || 'none'}`)
  return chosen
}

interface FoundManifest {
  readonly digest: Digest
  readonly manifest: ImageManifest
}

async function imageManifest(
  tree: FileTree,
  manifests: readonly Descriptor[],
  platform: string | undefined,
): Promise<FoundManifest> {
  let candidates = manifests
  for (let depth = 0; depth < maxDepth; depth++) {
    const [only, ...others] = candidates
    const chosen = only && others.length === 0 ? only : choosePlatform(candidates, platform)
    const manifest: Manifest = parseManifest(await readBlob(tree, chosen.digest), chosen.mediaType)
    if (manifest.kind === 'image') return { digest: chosen.digest, manifest }
    candidates = manifest.manifests
  }
  throw new Error(`indexes are nested more than ${maxDepth} deep`)
}

async function readBlob(tree: FileTree, digest: Digest): Promise<Buffer> {
  const bytes = await tree.read(blobPath(digest), maxConfigBytes)
  if (digestOf(bytes, algorithmOf(digest)) !== digest) throw new Error(`${blobPath(digest)} does not have its digest`)
  return bytes
}

function blobPath(digest: Digest): string {
  return `blobs/${algorithmOf(digest)}/${hexOf(digest)}`
}
