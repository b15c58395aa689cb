import type { Digest } from '@breakwater/oci'
import type { Pushes } from '../../../server/test/content.ts'
import type { Written } from './changes.ts'
import { type Cosign, type Layout, layouts } from './cosign.ts'
import { type Attached, attachedTo, type Image, imageBy } from './registry.ts'

/** The two key pairs: one is pinned, the other is somebody else's. */
export const keys = { pinned: 'release', foreign: 'stranger' } as const

/** A place where cosign signs and nothing is demanded. */
export interface Workshop {
  readonly host: string
  /** An existing project without a gate. */
  readonly project: string
  readonly registry: Pushes
  readonly cosign: Cosign
}

/** Has the real cosign write what the table is made of, in each layout. `image` is the one that is judged. */
export async function writeAll(workshop: Workshop, image: Image): Promise<ReadonlyMap<Layout, Written>> {
  const { project, registry } = workshop
  const other = imageBy('another image')
  const orders = (Object.keys(layouts) as Layout[]).map((layout) => {
    const order = (what: string, key: string, subject: Image) => {
      return { layout, key, image: subject, repository: `${project}/${nameOf(`${layout} ${what}`)}` }
    }
    return {
      real: order('real', keys.pinned, image),
      foreign: order('foreign', keys.foreign, image),
      elsewhere: order('elsewhere', keys.pinned, other),
    }
  })
  // All before anything is signed: signatures come along with an image that is pushed later (gate.md G7).
  for (const order of orders.flatMap((one) => Object.values(one))) await order.image.pushTo(registry, order.repository)
  const rows: [Layout, Omit<Written, 'foreignBundle'>][] = []
  for (const { real, foreign, elsewhere } of orders) {
    const attached = {
      real: await write(workshop, real),
      foreign: await write(workshop, foreign),
      elsewhere: await write(workshop, elsewhere),
    }
    rows.push([real.layout, { ...attached, image }])
  }
  const foreignBundle = new Map(rows).get('cosign 3 bundle')?.foreign
  if (!foreignBundle) throw new Error('there is no bundle')
  return new Map(rows.map(([layout, written]) => [layout, { ...written, foreignBundle }]))
}

interface Order {
  readonly layout: Layout
  readonly key: string
  readonly image: Image
  readonly repository: string
}

async function write(
  { host, registry, cosign }: Workshop,
  { layout, key, image, repository }: Order,
): Promise<Attached> {
  await cosign.sign(layout, key, `${host}/${repository}@${image.digest}`)
  return only(await attachedTo(registry, repository, image.digest), image.digest)
}

/** As a part of the name of a repository. */
export function nameOf(text: string): string {
  return text.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')
}

function only([first, ...rest]: readonly Attached[], digest: Digest): Attached {
  if (first && rest.length === 0) return first
  throw new Error(`cosign has attached ${rest.length + (first ? 1 : 0)} things to ${digest}`)
}
