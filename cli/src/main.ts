#!/usr/bin/env node
// File reads and writes share libuv's threads, four by default, and one slow disk operation holds one of them. The
// number is fixed by the first use, so it is set before anything else is loaded.
process.env['UV_THREADPOOL_SIZE'] ??= '16'
// A reader that has read enough, such as `head`, is no fault of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit(0)
})
const { run } = await import('./program.ts')
process.exitCode = await run(process.argv.slice(2))
