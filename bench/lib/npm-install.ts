const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--silent', '--legacy-peer-deps']

/** Arguments of npm that install `name@version` each. A download that hangs is begun again after a minute; by itself npm waits five. */
export const npmInstall = (packages: readonly string[]): string[] => [
  'install',
  ...quiet,
  '--fetch-timeout=60000',
  ...packages,
]
