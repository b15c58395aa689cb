/**
 * projects: projects, their members and repositories.
 * Owns tables: project, project_metadata, member, repository, cve_allowlist, project_delta, project_total.
 * Enter by: the functions below.
 * Uses: metadata.   Never: decides who may do something.
 */
export { foldProjects } from './count-queries.ts'
export {
  findCveAllowlists,
  type StoredAllowlist,
  saveCveAllowlist,
} from './cve-allowlist-queries.ts'
export { measureProjects, projectTotals, type Totals } from './measure-queries.ts'
export {
  addMember,
  countMembers,
  findMember,
  isAdministratorSomewhere,
  listMembers,
  type Member,
  removeMember,
  rolesIn,
  updateMember,
} from './member-queries.ts'
export { everyProject, lockPolicy, policyChanged } from './policy-revision-queries.ts'
export {
  createLibrary,
  createProject,
  deleteMetadata,
  deleteProject,
  ensureRepository,
  findProject,
  listProjects,
  lockForDeletion,
  type Project,
  putMetadata,
  setPublic,
} from './queries.ts'
export {
  describeRepository,
  findRepositories,
  findRepository,
  findRepositoryId,
  lockRepository,
  pullsColumn,
  type Repository,
  updatedColumn,
} from './repository-queries.ts'
export { usedStorage } from './usage-queries.ts'
export { countFilled, type Viewer, visible } from './viewer-queries.ts'
