import { randomUUID } from 'node:crypto'
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { findTool } from '../support/environment.ts'

/** What an image made by writeBuildContext needs to be built. */
export const shell = 'busybox'

/** Writes the folder for `docker build` of an image with a shell, whose file /message was written by a RUN line.
 * `Dockerfile.plain` has no RUN line, so that it can be built for any platform. */
export function writeBuildContext(folder: string): { readonly message: string } {
  const message = `built ${randomUUID()}`
  const program = findTool(shell)
  if (program === undefined) throw new Error(`${shell} is missing`)
  mkdirSync(join(folder, 'bin'), { recursive: true })
  copyFileSync(program, join(folder, 'bin', 'busybox'))
  const base = ['FROM scratch', 'COPY bin/busybox /bin/busybox']
  const lines = [
    ...base,
    `RUN ["/bin/busybox", "sh", "-c", "echo ${message} > /message"]`,
    'CMD ["/bin/busybox", "cat", "/message"]',
  ]
  writeFileSync(join(folder, 'Dockerfile'), `${lines.join('\n')}\n`)
  writeFileSync(join(folder, 'Dockerfile.plain'), `${base.join('\n')}\n`)
  return { message }
}
