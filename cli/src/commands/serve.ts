import type { Command } from 'commander'
import { type CommonOptions, command, configSource, type Finish, print } from '../command.ts'
import { exitCode } from '../exit-code.ts'
import { greeting } from '../greeting.ts'
import { stopSignals } from '../stop-signals.ts'

/** `breakwater serve`: the registry, until it is asked to stop. */
export function serveCommand(finish: Finish): Command {
  return command('serve', 'Start the registry; Ctrl-C stops it, a second Ctrl-C at once.', [
    'breakwater serve',
    'breakwater serve --config breakwater.yaml',
    'BREAKWATER_LISTEN=127.0.0.1:5000 BREAKWATER_DATA_DIR=/srv/breakwater breakwater serve',
  ]).action(async (options: CommonOptions) => {
    const asked = stopSignals()
    const { loadConfig, startServer } = await import('@breakwater/server')
    const config = loadConfig(configSource(options))
    const server = await startServer(config)
    const { address, adminPasswordFile, version } = server
    print(options.json ? JSON.stringify({ address, adminPasswordFile, version }) : greeting(config, server))
    const wanted = await Promise.race([asked.then(() => true), server.closed.then(() => false)])
    if (!wanted) throw new Error('The server has stopped by itself; its log says why.')
    process.stderr.write('Stopping.\n')
    await server.close()
    await server.closed
    finish(exitCode.ok)
  })
}
