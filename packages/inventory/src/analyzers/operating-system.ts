import type { OperatingSystem } from '../model.ts'
import type { Analyzer } from './analyzer.ts'

const limit = 1 << 20

/** Families by the ID of os-release; the others are told by files of their own. */
const families: Readonly<Record<string, string>> = {
  almalinux: 'alma',
  alpine: 'alpine',
  azurelinux: 'azurelinux',
  centos: 'centos',
  chainguard: 'chainguard',
  coreos: 'coreos',
  echo: 'echo',
  fedora: 'fedora',
  mariner: 'cbl-mariner',
  minimos: 'minimos',
  ol: 'oracle',
  'opensuse-leap': 'opensuse-leap',
  'opensuse-tumbleweed': 'opensuse-tumbleweed',
  opensuse: 'opensuse-leap',
  photon: 'photon',
  rhel: 'redhat',
  rocky: 'rocky',
  'sl-micro': 'slem',
  'sle-micro': 'slem',
  'sle-micro-rancher': 'slem',
  sles: 'sles',
  wolfi: 'wolfi',
}

export const osRelease: Analyzer = {
  limit,
  read(content) {
    const fields = new Map(
      content
        .toString('utf8')
        .split('\n')
        .flatMap((line) => {
          const at = line.indexOf('=')
          return at < 0
            ? []
            : [
                [
                  line.slice(0, at).trim(),
                  line
                    .slice(at + 1)
                    .trim()
                    .replace(/^(["'])(.*)\1$/, '$2'),
                ],
              ]
        }) as [string, string][],
    )
    const id = fields.get('ID') ?? ''
    const family = Object.hasOwn(families, id) ? families[id] : undefined
    const name = fields.get('VERSION_ID') ?? ''
    // Wolfi and Chainguard have no releases.
    return family && name ? system(1, { family, name }) : {}
  },
}

export const debianVersion: Analyzer = {
  limit,
  read: (content) => firstLine(content, (line) => system(2, { family: 'debian', name: line })),
}

export const lsbRelease: Analyzer = {
  limit,
  read(content) {
    const text = content.toString('utf8')
    const name = /^DISTRIB_RELEASE=(.*)$/m.exec(text)?.[1]?.trim()
    return /^DISTRIB_ID=Ubuntu$/m.test(text) && name ? system(3, { family: 'ubuntu', name }) : {}
  },
}

/** Ubuntu's state of extended support. */
export const ubuntuAdvantage: Analyzer = {
  limit,
  read(content) {
    const status = parseJson(content)
    const services = Array.isArray(status?.['services']) ? (status['services'] as unknown[]) : []
    const extended = services.some(
      (one) =>
        typeof one === 'object' &&
        one !== null &&
        (one as Record<string, unknown>)['name'] === 'esm-infra' &&
        (one as Record<string, unknown>)['status'] === 'enabled',
    )
    return extended ? system(3, { family: 'ubuntu', name: '', extended }) : {}
  },
}

export const alpineRelease: Analyzer = {
  limit,
  read: (content) => firstLine(content, (line) => system(4, { family: 'alpine', name: line })),
}

const releaseLines: readonly (readonly [RegExp, string])[] = [
  [/^CentOS (?:Linux |Stream )?release (\d[\d.]*)/i, 'centos'],
  [/^AlmaLinux release (\d[\d.]*)/i, 'alma'],
  [/^Rocky Linux release (\d[\d.]*)/i, 'rocky'],
  [/^Oracle Linux(?: Server)? release (\d[\d.]*)/i, 'oracle'],
  [/^Fedora(?: Linux)? release (\d[\d.]*)/i, 'fedora'],
  [/^Red Hat Enterprise Linux.*? release (\d[\d.]*)/i, 'redhat'],
]

/** `etc/redhat-release` and its kin; Oracle and others carry redhat-release beside their own. */
export const redHatRelease: Analyzer = {
  limit,
  read: (content, path) =>
    firstLine(content, (line) => {
      for (const [pattern, family] of releaseLines) {
        const name = pattern.exec(line)?.[1]
        if (name) return system(path === 'etc/redhat-release' ? 6 : 5, { family, name })
      }
      return {}
    }),
}

/** `Amazon Linux release 2 (Karoo)`, `Amazon Linux AMI release 2018.03`. */
export const amazonRelease: Analyzer = {
  limit,
  read: (content) =>
    firstLine(content, (line) => {
      if (!line.startsWith('Amazon Linux')) return {}
      const words = line.split(/\s+/)
      const name = words.slice(line.startsWith('Amazon Linux release 2') ? 3 : 2).join(' ')
      return name ? system(5, { family: 'amazon', name }) : {}
    }),
}

/** The newest release that the repositories name; `edge` is newer than all. */
export const apkRepositories: Analyzer = {
  limit,
  read(content) {
    const releases = [
      ...content.toString('utf8').matchAll(/(?:https?|ftp):\/\/[0-9A-Za-z.-]+\/[A-Za-z]+\/v?([0-9A-Za-z_.-]+)\//g),
    ]
      .map((match) => match[1] ?? '')
      .filter((release) => release === 'edge' || /^\d+\.\d+/.test(release))
    const newest = releases.sort(byRelease).at(-1)
    return newest ? { repositoryRelease: newest } : {}
  },
}

function byRelease(a: string, b: string): number {
  if (a === 'edge' || b === 'edge') return Number(a === 'edge') - Number(b === 'edge')
  const [majorA = 0, minorA = 0] = a.split('.').map(Number)
  const [majorB = 0, minorB = 0] = b.split('.').map(Number)
  return majorA - majorB || minorA - minorB
}

function system(rank: number, value: OperatingSystem) {
  return { system: { rank, value } }
}

function firstLine<T extends object>(content: Buffer, of: (line: string) => T): T | Record<never, never> {
  const line = content
    .toString('utf8')
    .split('\n')
    .find((one) => one.trim() !== '')
    ?.trim()
  return line ? of(line) : {}
}

function parseJson(content: Buffer): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(content.toString('utf8'))
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}
