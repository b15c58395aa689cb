import type { Db, Tx } from '../metadata/index.ts'
import { defaultSettings, type RuntimeSettings } from './runtime-settings.ts'

export async function readSettings(db: Db): Promise<Partial<RuntimeSettings>> {
  const { rows } = await db.query<{ key: string; value: unknown }>({
    name: 'settings-read',
    text: 'select key, value from configuration',
  })
  return Object.fromEntries(rows.map(({ key, value }) => [key, value]))
}

/** The keys whose value is another now. Takes effect within half a second on every process. */
export async function saveSettings(tx: Tx, settings: Partial<RuntimeSettings>): Promise<string[]> {
  const changed: string[] = []
  for (const [key, value] of Object.entries(settings)) {
    const { rowCount } = await tx.query(
      `insert into configuration (key, value) select $1::text, $2::jsonb
       where $2::jsonb <> $3::jsonb or exists (select from configuration where key = $1)
       on conflict (key) do update set value = excluded.value, updated_at = now()
       where configuration.value <> excluded.value`,
      [key, JSON.stringify(value), JSON.stringify(defaultSettings[key as keyof RuntimeSettings])],
    )
    if (rowCount === 1) changed.push(key)
  }
  return changed
}
