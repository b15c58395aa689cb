/**
 * A form that two texts share when they differ by case alone. It is at least as coarse as Unicode's simple case folding,
 * by which Go's JSON decoder matches keys to fields: the long s (U+017F) falls together with s, the Kelvin sign
 * (U+212A) with k. It is coarser for a few letters, such as the dotless i (U+0131), which other decoders fold.
 */
export function foldCase(text: string): string {
  return text.toLowerCase().toUpperCase()
}
