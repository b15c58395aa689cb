/**
 * identity: who somebody is: accounts, groups, robots, passwords, sessions, tokens.
 * Owns tables: user_account, user_group, user_group_member, session, robot, robot_grant.   Enter by: createAuthenticator, createTokens, users.
 * Uses: config, metadata, ledger, settings.   Never: decides what somebody may do.
 */
export { type Authentication, type Authenticator, createAuthenticator } from './authenticate.ts'
export { adminPasswordFile, bootstrapAdmin } from './bootstrap.ts'
export { createGroup, deleteGroup, findGroup, listGroups, renameGroup, type UserGroup } from './group-queries.ts'
export { createPasswords, type Passwords } from './password.ts'
export { actorName, anonymous, type Grant, type Principal } from './principal.ts'
export { createUser, currentRevision, deleteUser, findAccount, findRobotAccount, findUser } from './queries.ts'
export { createRobotSecrets, generateRobotSecret, type RobotSecrets } from './robot.ts'
export {
  deleteRobot,
  deleteRobotsOf,
  findRobot,
  insertRobot,
  listRobots,
  type Robot,
  type RobotGrant,
  setRobotSecret,
  updateRobot,
} from './robot-queries.ts'
export {
  findSecretKey,
  openSecretKey,
  placeSecretKey,
  secretKeyCheck,
  secretKeyFile,
  secretKeySetting,
} from './secret-key.ts'
export { createSessions, newSessionId, type Sessions } from './session.ts'
export { deleteEndedSessions } from './session-queries.ts'
export { createTokens, type Tokens } from './token.ts'
export {
  changePassword,
  findProfile,
  hasAdministrator,
  profileColumns,
  setSystemAdmin,
  type UserProfile,
  updateProfile,
} from './user-queries.ts'
