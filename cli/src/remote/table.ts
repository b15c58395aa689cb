/** Rows under headers, in aligned columns. */
export function table(headers: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [headers, ...rows].map((row) => row.map(printable))
  const widths = headers.map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length)))
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/** What others wrote must not move the cursor or hide lines of a terminal. */
export function printable(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, '�')
}
