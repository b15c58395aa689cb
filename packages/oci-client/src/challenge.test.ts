import { expect, it } from 'vitest'
import { parseChallenge } from './challenge.ts'

it('reads what registries ask for', () => {
  expect(
    parseChallenge('Bearer realm="https://auth.example/token",service="r.example",scope="repository:a/b:pull"'),
  ).toEqual({
    scheme: 'bearer',
    realm: 'https://auth.example/token',
    service: 'r.example',
    scope: 'repository:a/b:pull',
  })
  expect(parseChallenge('bearer  REALM="https://x/" , error="invalid_token"')).toMatchObject({ realm: 'https://x/' })
  expect(parseChallenge('Bearer realm="https://x/?a=\\"b\\""')).toMatchObject({ realm: 'https://x/?a="b"' })
  expect(parseChallenge('Basic realm="x"')).toEqual({ scheme: 'basic' })
})

it.each([null, '', 'Bearer', 'Bearer service="x"', 'Negotiate abc', `Bearer realm="${'x'.repeat(5_000)}"`])(
  'makes nothing of %j',
  (header) => {
    expect(parseChallenge(header)).toBeUndefined()
  },
)
