/**
 * blobs: which blobs there are, which repository may use them, and uploads on their way in.
 * Owns tables: blob, repository_blob, upload.   Enter by: createUploads, reserveBlob, and the queries below.
 * Uses: metadata, content, ledger.   Never: decides who may push, deletes the bytes of a blob.
 */
export {
  announceDeletions,
  type Deletion,
  doomBlobs,
  doomLinks,
  doomStrays,
  endDeletions,
  keepContent,
  keyOf,
  lockBlobs,
  lockLinks,
  removeDoomedLinks,
  type StoredBlob,
  takeOverDeletions,
  withoutRecord,
} from './collection-queries.ts'
export { isDamaged, lockLive, markDamaged, markWhole, timeNow } from './damage-queries.ts'
export { measureBlobs } from './measure-queries.ts'
export {
  forgetBlobs,
  linkAllFromRepository,
  linkedSizes,
  linkFromRepository,
  lockLink,
  nameContent,
  reviveLinks,
  unlinkBlob,
} from './queries.ts'
export { beingDeleted, type Reservation, reserveBlob, writeReserved } from './reserve.ts'
export { deletionLeaseMs } from './reserve-queries.ts'
export { type Chunk, ClientGone, createUploads, type Uploads, uploadRange } from './upload.ts'
