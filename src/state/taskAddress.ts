// Which addresses of task files may be opened: those of this site alone. Pure.

/** Where the file lies; null when that is on another site, or is no address. `base` is document.baseURI. */
export function taskAddress(path: string, base: string): URL | null {
  if (path.trim() === '' || !URL.canParse(path, base)) return null;
  const [url, site] = [new URL(path, base), new URL(base)];
  // blob: and filesystem: addresses carry the site's origin, too, and are none of its files
  return url.protocol === site.protocol && url.origin === site.origin ? url : null;
}

/** "tasks.jsonl" of ".../published/tasks.jsonl?v=2". */
export const fileName = ({ pathname }: URL): string => {
  const last = pathname.slice(pathname.lastIndexOf('/') + 1) || 'tasks.jsonl';
  try {
    return decodeURIComponent(last);
  } catch {
    return last; // a mistyped percent sign is part of the name
  }
};

/** A return address that may be followed with a click; others are shown as text alone. */
export function isSafeLink(address: string): boolean {
  if (!URL.canParse(address.trim())) return false;
  return ['mailto:', 'https:'].includes(new URL(address.trim()).protocol);
}
