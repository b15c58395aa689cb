import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeFiles } from '../scanner/layered-image.ts'
import { findTool } from '../support/environment.ts'

/** What the images of this file need to be built. */
export const shell = 'busybox'

const maintainer = 'Debian OpenLDAP Maintainers <pkg-openldap-devel@lists.alioth.debian.org>'

/** Debian 11's libldap: before the fix of DSA-5140 with one vulnerability, which is critical; after it with none. */
const libraries = { vulnerable: '2.4.57+dfsg-3', fixed: '2.4.57+dfsg-3+deb11u1' } as const

/**
 * Writes the folder for `docker build` of an image with a shell, which says what it is when it runs, and one Debian
 * package. The files are small, so that what is judged is all that matters.
 */
export function writeGatedContext(folder: string, library: keyof typeof libraries): { readonly message: string } {
  const program = findTool(shell)
  if (program === undefined) throw new Error(`${shell} is missing`)
  const version = libraries[library]
  const message = `with libldap ${version}`
  mkdirSync(join(folder, 'bin'), { recursive: true })
  copyFileSync(program, join(folder, 'bin', 'busybox'))
  const stanza = [
    'Package: libldap-2.4-2',
    'Status: install ok installed',
    `Maintainer: ${maintainer}`,
    'Architecture: amd64',
    'Source: openldap',
    `Version: ${version}`,
    'Description: OpenLDAP libraries',
    '',
  ]
  writeFiles(folder, {
    'root/etc/debian_version': '11.6\n',
    'root/etc/os-release': 'ID=debian\nVERSION_ID="11"\nPRETTY_NAME="Debian GNU/Linux 11 (bullseye)"\n',
    'root/var/lib/dpkg/status': stanza.join('\n'),
  })
  const lines = [
    'FROM scratch',
    'COPY bin/busybox /bin/busybox',
    'COPY root /',
    `CMD ["/bin/busybox", "echo", "${message}"]`,
  ]
  writeFileSync(join(folder, 'Dockerfile'), `${lines.join('\n')}\n`)
  return { message }
}
