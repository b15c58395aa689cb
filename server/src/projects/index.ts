/**
 * projects: projects, their members and repositories.
 * Owns tables: project, project_metadata, member, repository.   Enter by: the functions below.
 * Uses: metadata.   Never: decides who may do something.
 */
export {
  addMember,
  countRepositories,
  createLibrary,
  createProject,
  deleteProject,
  ensureRepository,
  findProject,
  lockForDeletion,
  memberRole,
  type Project,
} from './queries.ts'
