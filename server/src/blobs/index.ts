/**
 * blobs: which blobs there are, which repository may use them, and uploads on their way in.
 * Owns tables: blob, repository_blob, upload.   Enter by: createUploads, and the queries below.
 * Uses: metadata, content, ledger.   Never: decides who may push, deletes bytes.
 */
export {
  forgetBlobs,
  linkAllFromRepository,
  linkedSizes,
  linkFromRepository,
  lockLink,
  unlinkBlob,
} from './queries.ts'
export { type Chunk, ClientGone, createUploads, type Uploads, uploadRange } from './upload.ts'
