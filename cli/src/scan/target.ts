import { existsSync } from 'node:fs'
import { type ImageReference, parseImageReference } from '@breakwater/oci-client'
import { UsageError } from '../usage-error.ts'

/** What `breakwater scan` is asked to look at. */
export type Target =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'registry'; readonly reference: ImageReference }

const dockerHub = 'registry-1.docker.io'

/**
 * A file where there is one of that name, else a reference. Without a registry a reference means Docker Hub, as the
 * docker command reads it. Throws UsageError where it is neither.
 */
export function readTarget(text: string): Target {
  if (existsSync(text)) return { kind: 'file', path: text }
  if (/^(\.{0,2}\/|~)/.test(text) || /\.(tar|tgz|tar\.(gz|zst))$/.test(text)) {
    throw new UsageError(`There is no file ${text}.`)
  }
  const reference = parseImageReference(text) ?? parseImageReference(onDockerHub(text))
  if (!reference) {
    throw new UsageError(`${text} is neither a file nor an image: write HOST/NAME:TAG, or the path of a file.`)
  }
  const host = reference.host === 'docker.io' || reference.host === 'index.docker.io' ? dockerHub : reference.host
  return { kind: 'registry', reference: { ...reference, host } }
}

function onDockerHub(text: string): string {
  return text.includes('/') ? `${dockerHub}/${text}` : `${dockerHub}/library/${text}`
}
