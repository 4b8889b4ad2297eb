// The words the script shows, given by the page in the reader's language.

const words: Record<string, string> = JSON.parse(
  document.querySelector<HTMLMetaElement>('meta[name="gx-texts"]')?.content ?? "{}",
) as Record<string, string>;

/** A text by key, with %(name)s filled in. */
export function text(key: string, values: Record<string, string | number> = {}): string {
  return (words[key] ?? key).replace(/%\((\w+)\)s/g, (_, name: string) => String(values[name] ?? ""));
}

/** The token that every request that changes something must carry. */
export function token(): string {
  return document.querySelector<HTMLMetaElement>('meta[name="csrf-token"]')?.content ?? "";
}
