/** Harbor's role ids. */
export type RoleId = 1 | 2 | 3 | 4 | 5

/** By what they may do: each role may do what those after it may. */
const byPower = [
  { id: 1, name: 'projectAdmin' },
  { id: 4, name: 'maintainer' },
  { id: 2, name: 'developer' },
  { id: 3, name: 'guest' },
  { id: 5, name: 'limitedGuest' },
] as const satisfies readonly { id: RoleId; name: string }[]

export function isRole(id: number): id is RoleId {
  return byPower.some((role) => role.id === id)
}

export function roleName(id: RoleId): string {
  return byPower.find((role) => role.id === id)?.name ?? ''
}

/** The roles among these ids, the most powerful first, each once. */
export function rankRoles(ids: readonly (number | null)[]): RoleId[] {
  return byPower.filter(({ id }) => ids.includes(id)).map(({ id }) => id)
}
