/** What scripts can rely on; every command's help ends with it. */
export const exitCode = { ok: 0, failed: 1, usage: 2 } as const

export const exitCodesHelp = `
Exit codes:
  0  done
  1  failed
  2  wrong usage or configuration`
