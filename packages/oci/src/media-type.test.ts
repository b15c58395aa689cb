import { expect, test } from 'vitest'
import {
  isImageConfigType,
  isImageManifestType,
  isIndexType,
  isManifestType,
  manifestTypes,
  mediaType,
} from './media-type.ts'

test('a manifest type is either an image manifest or an index', () => {
  for (const type of manifestTypes) {
    expect(isManifestType(type)).toBe(true)
    expect(isIndexType(type)).toBe(!isImageManifestType(type))
  }
  const others = Object.values(mediaType).filter((type) => !manifestTypes.some((known) => known === type))
  expect(others.filter(isManifestType)).toEqual([])
})

test('only whole, exact types count', () => {
  expect(isManifestType(`${mediaType.ociManifest}; charset=utf-8`)).toBe(false)
  expect(isManifestType(mediaType.ociManifest.toUpperCase())).toBe(false)
  expect(isManifestType('__proto__')).toBe(false)
})

test('image configurations are those of OCI and Docker', () => {
  expect(Object.values(mediaType).filter(isImageConfigType)).toEqual([mediaType.ociConfig, mediaType.dockerConfig])
})
