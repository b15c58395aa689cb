import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { debianMirror } from './debian-mirror.ts'
import { npmInstall } from './npm-install.ts'
import { configType, type Descriptor, imageConfig, imageManifest, layerType, manifestType } from './registry-client.ts'

const execute = promisify(execFile)
const compress = promisify(gzip)
const debianPackages = ['ca-certificates', 'curl', 'openssl']
const nodePackages = ['express@4.16.0', 'webpack@4.46.0', 'react-scripts@3.4.4', 'lodash@4.17.4']

/** An image whose layers are the same in content and new in their digests each time. */
export interface MadeImage {
  /** An OCI image layout, for programs that read files. */
  readonly layout: string
  readonly manifest: Buffer
  /** Config and layers. */
  readonly blobs: readonly Buffer[]
  readonly compressedBytes: number
}

/** Makes images of one Debian system and one npm installation. */
export type ImageMaker = (name: string) => Promise<MadeImage>

/** Installs a Debian system and npm packages with their own tools, once; about a minute. */
export async function prepareDebianNpmImage(folder: string): Promise<ImageMaker> {
  const system = join(folder, 'system.tar')
  const choice = ['--variant=essential', '--mode=root', `--include=${debianPackages.join(',')}`]
  await execute('mmdebstrap', [...choice, 'bookworm', system, await debianMirror()])
  const application = join(folder, 'application')
  mkdirSync(join(application, 'srv', 'app'), { recursive: true })
  await execute('npm', npmInstall(nodePackages), { cwd: join(application, 'srv', 'app') })
  const packages = join(folder, 'packages.tar')
  await execute('tar', ['--sort=name', '-C', application, '-cf', packages, '.'])
  rmSync(application, { recursive: true })
  return async (name) => {
    const layers = [await variant(system, folder, name), await variant(packages, folder, name)]
    return writeImage(join(folder, name), layers)
  }
}

interface Layer {
  readonly diffId: string
  readonly bytes: Buffer
}

const digestOf = (bytes: Buffer): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`

/** The archive with one more file, so that nobody has seen its digest. */
async function variant(tar: string, folder: string, name: string): Promise<Layer> {
  const copy = join(folder, 'variant.tar')
  copyFileSync(tar, copy)
  writeFileSync(join(folder, 'variant'), name)
  await execute('tar', ['-C', folder, '-rf', copy, 'variant'])
  const content = readFileSync(copy)
  rmSync(copy)
  return { diffId: digestOf(content), bytes: await compress(content, { level: 1 }) }
}

function writeImage(layout: string, layers: readonly Layer[]): MadeImage {
  const blobsFolder = join(layout, 'blobs', 'sha256')
  mkdirSync(blobsFolder, { recursive: true })
  const write = (mediaType: string, bytes: Buffer): Descriptor => {
    const digest = digestOf(bytes)
    writeFileSync(join(blobsFolder, digest.slice('sha256:'.length)), bytes)
    return { mediaType, digest, size: bytes.length }
  }
  const config = imageConfig(layers.map(({ diffId }) => diffId))
  const manifest = imageManifest(
    write(configType, config),
    layers.map(({ bytes }) => write(`${layerType}+gzip`, bytes)),
  )
  const manifests = [write(manifestType, manifest)]
  writeFileSync(join(layout, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }))
  writeFileSync(join(layout, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests }))
  return {
    layout,
    manifest,
    blobs: [config, ...layers.map(({ bytes }) => bytes)],
    compressedBytes: layers.reduce((sum, { bytes }) => sum + bytes.length, 0),
  }
}
