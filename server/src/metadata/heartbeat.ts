import { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import type { Connection } from './pool.ts'

const everyMs = 2_000
const silenceMs = 10_000

/** Sockets to the database, so that all of them can be given up at once. */
export interface Lines {
  /** For node-postgres: a socket that is known here until it is closed. */
  readonly stream: () => Socket
  giveUp(): void
}

export function createLines(): Lines {
  const open = new Set<Socket>()
  return {
    stream() {
      const socket = new Socket()
      open.add(socket)
      return socket.once('close', () => open.delete(socket))
    },
    giveUp() {
      for (const socket of open) socket.destroy()
    },
  }
}

/**
 * Asks the database every two seconds, on a connection of its own. When it is silent for ten, as behind a network that
 * swallows packets, all connections are given up: who waits on one is told now instead of when the kernel gives up,
 * which takes a quarter of an hour.
 */
export function startHeartbeat(connection: Connection, lines: Lines, log: (line: string) => void): AsyncDisposable {
  const stopping = new AbortController()
  const { signal } = stopping
  const beat = async (): Promise<void> => {
    const client = new pg.Client({
      ...connection,
      application_name: 'breakwater-heartbeat',
      connectionTimeoutMillis: silenceMs,
      query_timeout: silenceMs,
      stream: lines.stream,
    })
    // What ends the connection fails the query too.
    client.on('error', () => undefined)
    try {
      await client.connect()
      while (!signal.aborted) {
        await client.query('select 1')
        await sleep(everyMs, undefined, { signal, ref: false }).catch(() => undefined)
      }
    } finally {
      void client.end().catch(() => undefined)
    }
  }
  const beating = (async () => {
    while (!signal.aborted) {
      await beat().catch((error: unknown) => {
        if (!/timeout/i.test(String(error))) return
        log(`the database has not answered for ${silenceMs / 1000} s: its connections are given up`)
        lines.giveUp()
      })
      await sleep(everyMs, undefined, { signal, ref: false }).catch(() => undefined)
    }
  })()
  return {
    async [Symbol.asyncDispose]() {
      stopping.abort()
      await beating
    },
  }
}
