import { createWriteStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { VulndbError } from '../error.ts'
import { limits } from '../limits.ts'
import { parseMetadata } from './metadata.ts'
import type { DatabaseMetadata } from './record.ts'
import { readTarFiles } from './tar.ts'

const databaseName = 'trivy.db'
const metadataName = 'metadata.json'

/**
 * Unpacks the layer of a trivy-db artifact, a tar.gz, into a folder that has neither file yet: `trivy.db` and
 * `metadata.json`; everything else in it is passed over. `most` is the bytes of trivy.db that are taken. Throws
 * VulndbError, or what reading the layer or writing the files fails with; what was written by then stays.
 */
export async function extractDatabase(
  layer: AsyncIterable<Uint8Array>,
  folder: string,
  most: number = limits.databaseBytes,
): Promise<DatabaseMetadata> {
  const wanted = new Map([
    [databaseName, most],
    [metadataName, limits.metadataBytes],
  ])
  const source = watched(layer)
  try {
    await pipeline(source.bytes(), createGunzip(), (tar: AsyncIterable<Buffer>) =>
      readTarFiles(tar, wanted, (name, content) =>
        pipeline(Readable.from(content), createWriteStream(join(folder, name), { flags: 'wx', mode: 0o600 })),
      ),
    )
  } catch (error) {
    if (source.failure !== undefined) throw source.failure
    if (isOfZlib(error)) throw new VulndbError('archive', 'the layer is no sound gzip', { cause: error })
    throw error
  }
  return parseMetadata(await readFile(join(folder, metadataName)))
}

/** Bytes that remember what they ended with, since that is not the layer's fault. */
function watched(layer: AsyncIterable<Uint8Array>) {
  const state: { failure: unknown; bytes(): AsyncGenerator<Uint8Array> } = {
    failure: undefined,
    async *bytes() {
      try {
        yield* layer
      } catch (error) {
        state.failure = error
        throw error
      }
    },
  }
  return state
}

function isOfZlib(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('Z_')
}
