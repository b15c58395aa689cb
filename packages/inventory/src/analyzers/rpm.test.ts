import { readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, test } from 'vitest'
import { rpmDatabase } from './rpm.ts'
import { readTable } from './sqlite.ts'

/** A header as rpm stores it: strings, lists of strings, and 32-bit numbers by tag. */
function header(values: Readonly<Record<number, string | readonly string[] | readonly number[]>>): Buffer {
  const index: Buffer[] = []
  const data: Buffer[] = []
  let offset = 0
  for (const [tag, value] of Object.entries(values)) {
    const list = typeof value === 'string' ? [value] : value
    const numbers = typeof list[0] === 'number'
    if (numbers && offset % 4) {
      const gap = Buffer.alloc(4 - (offset % 4))
      data.push(gap)
      offset += gap.length
    }
    const entry = Buffer.alloc(16)
    entry.writeInt32BE(Number(tag), 0)
    entry.writeUInt32BE(numbers ? 4 : typeof value === 'string' ? 6 : 8, 4)
    entry.writeUInt32BE(offset, 8)
    entry.writeUInt32BE(list.length, 12)
    index.push(entry)
    for (const one of list) {
      const bytes = typeof one === 'number' ? Buffer.alloc(4) : Buffer.from(`${one}\0`)
      if (typeof one === 'number') bytes.writeUInt32BE(one)
      data.push(bytes)
      offset += bytes.length
    }
  }
  const counts = Buffer.alloc(8)
  counts.writeUInt32BE(index.length, 0)
  counts.writeUInt32BE(offset, 4)
  return Buffer.concat([counts, ...index, ...data])
}

function database(headers: readonly Buffer[], pageSize = 4_096): Buffer {
  const file = join(tmpdir(), `bw-rpm-${process.pid}-${Math.random().toString(36).slice(2)}.sqlite`)
  const db = new DatabaseSync(file)
  try {
    db.exec(`pragma page_size = ${pageSize}`)
    db.exec('create table Other (x)')
    db.exec('create table Packages (hnum integer primary key autoincrement, blob blob not null)')
    const insert = db.prepare('insert into Packages (blob) values (?)')
    for (const blob of headers) insert.run(blob)
    db.close()
    return readFileSync(file)
  } finally {
    rmSync(file, { force: true })
  }
}

const bash = {
  1000: 'bash',
  1001: '5.1.8',
  1002: '9.el9',
  1022: 'x86_64',
  1011: 'AlmaLinux',
  1044: 'bash-5.1.8-9.el9.src.rpm',
  1116: [0, 1],
  1117: ['bash', 'README'],
  1118: ['/usr/bin/', '/usr/share/doc/'],
}

describe('the rpm database in SQLite', () => {
  test('names, sources, epochs, modules, vendors and files', () => {
    const { database: found, owned } = rpmDatabase.read(
      database([
        header(bash),
        header({
          1000: 'nodejs',
          1001: '16',
          1002: '1',
          1003: [1],
          1022: 'x86_64',
          1044: 'nodejs-16-1.src.rpm',
          5096: 'nodejs:16:1:c',
        }),
        header({ 1000: 'docker-ce', 1001: '24', 1002: '1', 1011: 'Docker', 1044: 'docker-ce-24-1.src.rpm' }),
        header({ 1000: 'gpg-pubkey', 1001: '1', 1002: '1' }),
      ]),
      '',
    )
    expect(found?.packages).toEqual([
      { name: 'bash', version: '5.1.8-9.el9', arch: 'x86_64', sourceName: 'bash', sourceVersion: '5.1.8-9.el9' },
      {
        name: 'nodejs',
        version: '1:16-1',
        arch: 'x86_64',
        sourceName: 'nodejs',
        sourceVersion: '1:16-1',
        modularity: 'nodejs:16:1:c',
      },
      { name: 'docker-ce', version: '24-1', sourceName: 'docker-ce', sourceVersion: '24-1', thirdParty: true },
    ])
    expect([...(owned ?? [])]).toEqual(['usr/bin/bash', 'usr/share/doc/README'])
  })

  test.each([512, 4_096, 65_536])('many rows, and rows larger than a page of %i bytes', (pageSize) => {
    const large = {
      ...bash,
      1117: Array.from({ length: 2_000 }, (_, i) => `file-${i}`),
      1116: new Array(2_000).fill(0),
    }
    const headers = Array.from({ length: 300 }, (_, i) => header({ ...(i % 50 ? bash : large), 1000: `p${i}` }))
    const rows = [...readTable(database(headers, pageSize), 'Packages')]
    expect(rows.map((row) => row.find((value) => Buffer.isBuffer(value)))).toEqual(headers)
  })

  test('a damaged one is partial, and reading it ends', () => {
    const whole = database(
      Array.from({ length: 100 }, (_, i) => header({ ...bash, 1000: `p${i}` })),
      512,
    )
    let random = 99
    let partial = 0
    for (let round = 0; round < 500; round += 1) {
      const bytes = Buffer.from(whole)
      for (let i = 0; i < 20; i += 1) {
        random = (random * 1_103_515_245 + 12_345) % 2_147_483_648
        bytes[random % bytes.length] = random % 251
      }
      const facts = rpmDatabase.read(bytes, '')
      if (facts.partial) partial += 1
      expect(facts.database?.packages.length).toBeLessThanOrEqual(10_000)
    }
    expect(partial).toBeGreaterThan(0)
    expect(rpmDatabase.read(Buffer.from('no database'), '').partial).toMatch(/no SQLite database/)
    expect(rpmDatabase.read(whole.subarray(0, 1_024), '').partial).toMatch(/outside the file/)
  })
})
