/** Beside trivy: what it found in images of the shared vulnerability data, which is not part of the project. */

import { execFileSync } from 'node:child_process'
import { createReadStream, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { defaultLayerLimits, mergeLayers, type Package, readLayer } from './index.ts'

const data = fileURLToPath(new URL('../../../../shared/vulndb', import.meta.url))
const targets: Readonly<Record<string, string>> = { 'node-pkg': 'Node.js', 'python-pkg': 'Python', gemspec: 'Ruby' }

/** A line of a golden; see its README. */
function lineOf(one: Package): string {
  const target = Object.hasOwn(targets, one.type) ? targets[one.type] : undefined
  return [
    one.type,
    target ?? one.path ?? '',
    one.name,
    one.version,
    one.arch ?? '',
    one.sourceName ?? '',
    one.sourceVersion ?? '',
    target ? one.path : '',
    one.purl,
    one.layer,
  ].join('\t')
}

async function packagesOf(image: string): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'bw-golden-'))
  try {
    execFileSync('tar', ['-xf', join(data, 'images', `${image}.oci.tar`), '-C', folder])
    const blob = (digest: string) => join(folder, 'blobs', digest.replace(':', '/'))
    const read = (path: string) => JSON.parse(readFileSync(path, 'utf8'))
    const manifest = read(blob(read(join(folder, 'index.json')).manifests[0].digest))
    const layers = []
    for (const { digest } of manifest.layers)
      layers.push(await readLayer(createReadStream(blob(digest)), defaultLayerLimits))
    expect(layers.map(({ diffId }) => diffId)).toEqual(read(blob(manifest.config.digest)).rootfs.diff_ids)
    return mergeLayers(layers).packages.map(lineOf)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

describe.skipIf(!existsSync(data))(
  'inventories equal to trivy’s (skipped where its data is not beside the project)',
  () => {
    test.each(['overlay-synth', 'debian11-synth', 'alpine310-synth', 'alma8-synth'])('%s', async (image) => {
      const found = await packagesOf(image)
      const golden = readFileSync(join(data, 'golden', `${image}.packages.tsv`), 'utf8')
        .trim()
        .split('\n')
      const missing = golden.filter((line) => !found.includes(line))
      const extra = found.filter((line) => !golden.includes(line))
      console.log(`${image}: ${golden.length - missing.length} exact, ${missing.length} missing, ${extra.length} extra`)
      expect({ missing, extra }).toEqual({ missing: [], extra: [] })
    })
  },
)
