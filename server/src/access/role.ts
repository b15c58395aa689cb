export type RepositoryAction = 'pull' | 'push' | 'delete'

/** Harbor's role ids. */
export type RoleId = 1 | 2 | 3 | 4 | 5

const roles: Readonly<Record<RoleId, { readonly name: string; readonly repository: readonly RepositoryAction[] }>> = {
  1: { name: 'projectAdmin', repository: ['pull', 'push', 'delete'] },
  2: { name: 'developer', repository: ['pull', 'push'] },
  3: { name: 'guest', repository: ['pull'] },
  4: { name: 'maintainer', repository: ['pull', 'push', 'delete'] },
  5: { name: 'limitedGuest', repository: ['pull'] },
}

export function isRole(id: number): id is RoleId {
  return id in roles
}

export function repositoryActions(role: RoleId): readonly RepositoryAction[] {
  return roles[role].repository
}
