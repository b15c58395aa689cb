import { RegistryError } from '@breakwater/oci'

const unfit = (message: string) => new RegistryError('BAD_REQUEST', message)

/** Harbor's rule for passwords, and for secrets that people choose. */
export function isFitPassword(password: string): boolean {
  return /^(?=.*\d)(?=.*[a-z])(?=.*[A-Z]).{8,128}$/s.test(password)
}

/** Throws BAD_REQUEST. */
export function checkPassword(password: string | undefined): string {
  if (password !== undefined && isFitPassword(password)) return password
  throw unfit(
    'the password or secret must be 8-128, inclusively, characters long with at least 1 uppercase letter, 1 lowercase letter and 1 number',
  )
}

/** Harbor's characters, and two more: a colon would end the name in a login, and control characters break log lines. */
export function checkUserName(name = ''): string {
  if (name.length < 1 || name.length > 255) throw unfit('username with illegal length')
  if (/[,"~#%$:\p{Cc}]/u.test(name)) throw unfit('username contains illegal characters')
  return name
}

const email = /^[^<>()[\]\\.,;:\s@"]+(?:\.[^<>()[\]\\.,;:\s@"]+)*@(?:[a-zA-Z\d-]+\.)+[a-zA-Z]{2,}$/

/** What a user tells about oneself. */
export function checkProfile(given: {
  readonly email?: string
  readonly realname?: string
  readonly comment?: string
}): { readonly email: string; readonly realname: string; readonly comment: string } {
  const { email: address = '', realname = '', comment = '' } = given
  if (!address) throw unfit("email can't be empty")
  if (address.length > 255 || !email.test(address)) throw unfit('email with illegal format')
  if (realname.length < 1 || realname.length > 255) throw unfit('realname with illegal length')
  if (/[,~#$%\p{Cc}]/u.test(realname)) throw unfit('realname contains illegal characters')
  if (comment.length > 30) throw unfit('comment with illegal length')
  return { email: address, realname, comment }
}
