/** A cosign that people sign with. */
export interface Cosign {
  readonly program: 'cosign' | 'cosign3'
  readonly version: string
  /** What signing needs where there is no transparency log, and no network to ask for one. */
  readonly signOffline: readonly string[]
  readonly verifyOffline: readonly string[]
  /** Whether its signatures say by which key they are. */
  readonly namesKey: boolean
}

/** The guide's version, which signs with a tag, and the current one, which signs with a bundle as referrer. */
export const cosigns: readonly Cosign[] = [
  {
    program: 'cosign',
    version: '2.6',
    signOffline: ['--tlog-upload=false'],
    verifyOffline: ['--insecure-ignore-tlog'],
    namesKey: false,
  },
  {
    program: 'cosign3',
    version: '3.1',
    signOffline: ['--use-signing-config=false', '--tlog-upload=false'],
    verifyOffline: ['--insecure-ignore-tlog'],
    namesKey: true,
  },
]

/** A command or script of the guide with this cosign in it, and with what it needs to get by without a network. */
export function withCosign({ program, signOffline, verifyOffline }: Cosign, printed: string): string {
  return printed
    .replaceAll(/^cosign (?=generate-key-pair|public-key)/gm, `${program} `)
    .replaceAll(/^cosign sign /gm, `${[program, 'sign', ...signOffline].join(' ')} `)
    .replaceAll(/^cosign verify /gm, `${[program, 'verify', ...verifyOffline].join(' ')} `)
}
