import { gzipSync } from 'node:zlib'
import { pack } from 'tar-stream'

/** A tar archive of files by their names. */
export async function tar(files: Readonly<Record<string, string | Buffer>>): Promise<Buffer> {
  const archive = pack()
  for (const [name, content] of Object.entries(files)) archive.entry({ name, mode: 0o755 }, content)
  archive.finalize()
  const chunks: Buffer[] = []
  for await (const chunk of archive) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

export async function tarGzip(files: Readonly<Record<string, string | Buffer>>): Promise<Buffer> {
  return gzipSync(await tar(files))
}

/** What begins like a program for Linux. */
export const program = Buffer.concat([Buffer.from('\x7fELF\x02\x01\x01', 'latin1'), Buffer.alloc(2_000, 1)])
