import { randomUUID } from 'node:crypto'
import { access, constants, open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type Finding, reason } from './finding.ts'
import { existingFolder } from './folder.ts'

const check = 'store'
const slowSync = 100

/** Whether the store's folder takes a file, keeps it through fsync and gives it back. */
export async function checkStore(root: string): Promise<Finding[]> {
  const folder = await existingFolder(root)
  try {
    if (folder !== root) {
      await access(folder, constants.W_OK | constants.X_OK)
      return [{ check, status: 'ok', message: `the store is not set up yet; the first start makes it in ${root}` }]
    }
    const took = await writeAndSync(root)
    if (took < slowSync) return [{ check, status: 'ok', message: `${root} is writable and syncs in ${took} ms` }]
    const message = `${root} takes ${took} ms to sync a small file, which every push waits for`
    return [{ check, status: 'warning', message, remedy: 'Put store.root on a faster disk.' }]
  } catch (error) {
    const message = `the store folder ${root} cannot be written: ${reason(error)}`
    const remedy = 'Give the user that runs breakwater write access to it, or set store.root to another folder.'
    return [{ check, status: 'failed', message, remedy }]
  }
}

async function writeAndSync(folder: string): Promise<number> {
  const path = join(folder, `.doctor-${randomUUID()}`)
  const content = randomUUID()
  const started = performance.now()
  try {
    await using file = await open(path, 'wx+', 0o600)
    await file.writeFile(content)
    await file.sync()
    await using above = await open(folder, 'r')
    await above.sync()
    const took = Math.round(performance.now() - started)
    const read = await file.read({ buffer: Buffer.alloc(content.length), position: 0 })
    if (read.buffer.toString() !== content) throw new Error('what was written reads back as something else')
    return took
  } finally {
    await rm(path, { force: true })
  }
}
