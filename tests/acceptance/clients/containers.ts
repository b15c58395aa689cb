import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createPerson, type Person } from '../support/person.ts'

/** The programs of github.com/containers, which share configuration, logins and storage. */
type Program = 'podman' | 'buildah' | 'skopeo'

/**
 * One person at a machine, whose images are in `folder`; people who share it see the same images. `transport` are the
 * options of the login. podman takes 127.0.0.1 for a place of plain HTTP by its configuration, the others only by an
 * option of each command.
 */
export function createContainersPerson(
  program: Program,
  folder: string,
  name: string,
  { transport = ['--tls-verify=false'] }: { readonly transport?: readonly string[] } = {},
): Person {
  const own = join(folder, name)
  mkdirSync(own, { recursive: true })
  const env = containersEnvironment(own)
  const storage = ['--storage-driver', 'vfs', '--root', join(folder, 'root'), '--runroot', join(folder, 'run')]
  const login = ['login', ...transport, '--password-stdin']
  return createPerson({ program, options: program === 'skopeo' ? [] : storage, login, env })
}

/** Settings of its own, and nothing of this machine's that it cannot have here. */
function containersEnvironment(folder: string): Record<string, string> {
  const file = (name: string, lines: readonly string[]) => {
    const path = join(folder, name)
    writeFileSync(path, `${lines.join('\n')}\n`)
    return path
  }
  return {
    CONTAINERS_CONF: file('containers.conf', [
      '[engine]',
      'runtime = "runc"',
      'events_logger = "none"',
      '[containers]',
      'default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]',
    ]),
    CONTAINERS_REGISTRIES_CONF: file('registries.conf', [
      '[[registry]]',
      'prefix = "127.0.0.1"',
      'location = "127.0.0.1"',
      'insecure = true',
    ]),
    // It has to be there, also for somebody who is not logged in.
    REGISTRY_AUTH_FILE: file('auth.json', ['{}']),
  }
}
