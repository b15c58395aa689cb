import { type KeyShape, recordShape } from './key-shape.ts'

const platform = recordShape(['architecture', 'os', 'os.version', 'os.features', 'variant', 'features'])

const descriptor = recordShape(['mediaType', 'digest', 'size', 'urls', 'data', 'artifactType'], {
  annotations: 'map',
  platform,
})

/**
 * The keys of image manifests and indexes, in one shape because a decoder may take a document for either. `fsLayers`
 * belongs to Docker's schema 1, which some engines still read.
 */
export const manifestShape: KeyShape = recordShape(['schemaVersion', 'mediaType', 'artifactType', 'fsLayers'], {
  annotations: 'map',
  config: descriptor,
  layers: descriptor,
  manifests: descriptor,
  subject: descriptor,
})

const runConfig = recordShape(
  ['User', 'Env', 'Entrypoint', 'Cmd', 'WorkingDir', 'StopSignal', 'ArgsEscaped', 'Shell', 'OnBuild', 'Healthcheck'],
  { ExposedPorts: 'map', Volumes: 'map', Labels: 'map' },
)

/** The keys of an image configuration (image-spec, config; Docker's `container_config` has the keys of `config`). */
export const imageConfigShape: KeyShape = recordShape(
  ['created', 'author', 'architecture', 'os', 'os.version', 'os.features', 'variant'],
  {
    config: runConfig,
    container_config: runConfig,
    rootfs: recordShape(['type', 'diff_ids']),
    history: recordShape(['created', 'author', 'created_by', 'comment', 'empty_layer']),
  },
)
