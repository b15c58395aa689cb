import { RegistryError } from '@breakwater/oci'

const unfit = (message: string) => new RegistryError('BAD_REQUEST', message)

const ldap = 1
const types = [ldap, 2, 3]

/** Attributes with values, `cn=developers,dc=example,dc=com`; a value's comma or sign is escaped by a backslash. */
const attribute = String.raw`(?:[a-z][a-z\d-]*|\d+(?:\.\d+)*)\s*=\s*(?:[^\\,+"<>;=]|\\.)+`
const distinguishedName = new RegExp(String.raw`^${attribute}(?:[,+]\s*${attribute})*$`, 'i')

/** A group as a client describes a new one. Throws BAD_REQUEST. */
export function checkGroup(given: {
  readonly group_name?: string
  readonly group_type?: number
  readonly ldap_group_dn?: string
}): { readonly name: string; readonly type: number; readonly ldapDn: string } {
  const { group_type: type = 0, ldap_group_dn: dn = '' } = given
  const name = checkGroupName(given.group_name)
  if (!types.includes(type)) throw unfit(`group type ${type} is none of 1 (LDAP), 2 (HTTP) and 3 (OIDC)`)
  if (type !== ldap) return { name, type, ldapDn: '' }
  if (dn.length > 1000 || !distinguishedName.test(dn)) throw unfit(`invalid DN syntax. DN: ${dn}`)
  return { name, type, ldapDn: dn }
}

export function checkGroupName(name = ''): string {
  if (name.length < 1 || name.length > 255) throw unfit('group_name has 1 to 255 characters')
  return name
}
