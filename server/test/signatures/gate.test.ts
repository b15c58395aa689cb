import { cosignTagManifest, fixtureKey, simpleSigning } from '@breakwater/signing/fixture'
import { beforeAll, expect, it } from 'vitest'
import { addMember, createUser, tokenFor } from '../accounts.ts'
import { pushImage } from '../content.ts'
import { told } from '../gate/stage.ts'
import { sharedRegistry } from '../registry.ts'
import { attach, pin, signedProject } from './stage.ts'

const registry = sharedRegistry()
const key = fixtureKey('p256')
let token: string

beforeAll(async () => {
  await signedProject(registry(), 'signed')
  await pin(registry(), 'signed', 'release', key)
  const reader = await createUser(registry(), 'reader')
  await addMember(registry(), 'signed', reader, 'guest')
  token = await tokenFor(registry(), reader.auth, 'repository:signed/app:pull')
})

const get = (reference: string) => registry().ask('GET', `/v2/signed/app/manifests/${reference}`, { auth: token })

it('is refused before it is signed, and served after', async () => {
  const image = await pushImage(registry(), 'signed/app', 'v1')
  expect(told(await get('v1'))).toMatchObject({
    status: 403,
    code: 'DENIED',
    message: expect.stringMatching(/^The image is not signed by cosign\. It has no signature; wanted: release/),
  })
  await attach(
    registry(),
    'signed/app',
    cosignTagManifest(image.digest, [simpleSigning({ digest: image.digest, key })]),
  )
  expect(told(await get('v1'))).toEqual({ status: 200 })
})
