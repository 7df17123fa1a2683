// Main thread: registers the service worker, tells the page of a newer version, and reloads once to become isolated.

export interface ServiceWorkerOptions {
  /** A newer version is ready; `apply` switches to it and reloads this page. Call it only when the person says so. */
  onUpdate(apply: () => void): void;
  /** True while a reload would lose work: the page then stays as it is until its next load. */
  isBusy?(): boolean;
}

const RELOADED = 'reloaded-for-isolation';

/** Does nothing in development. Without a service worker the studio works; only offline use and isolation are missing. */
export async function registerServiceWorker({ onUpdate, isBusy }: ServiceWorkerOptions): Promise<void> {
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return;
  const container = navigator.serviceWorker;
  container.addEventListener('message', tellScript);
  let registration: ServiceWorkerRegistration | undefined; // what blocks service workers may answer with nothing
  let reason: unknown;
  try {
    const script = new URL('sw.js', document.baseURI);
    registration = await container.register(script, { scope: './', updateViaCache: 'none' });
  } catch (error) {
    reason = error;
  }
  if (!registration) {
    console.warn('Service worker: not available here, so the studio will not open offline.', reason);
    return;
  }
  watchForUpdates(registration, onUpdate);
  const { active } = await container.ready;
  active?.postMessage({ type: 'hello' });
  // Hosts that send the headers need no reload; elsewhere the worker's headers count from the next load on.
  if (crossOriginIsolated || sessionStorage.getItem(RELOADED) || isBusy?.()) return;
  sessionStorage.setItem(RELOADED, 'yes');
  location.reload();
}

/** Lets the service worker keep whole folders of the site for offline use, in the background; true when all is kept.
 *  Who asked their browser to save data fetches only what is needed. */
export async function keepOffline(folders: string[]): Promise<boolean> {
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return false;
  if ((navigator as { connection?: { saveData?: boolean } }).connection?.saveData) return false;
  const { active } = await navigator.serviceWorker.ready;
  const { port1, port2 } = new MessageChannel();
  active?.postMessage({ type: 'keep', folders }, [port2]);
  return new Promise((resolve) => (port1.onmessage = ({ data }) => resolve(data === true)));
}

/** Deletes all that the service worker keeps of this site, and the worker; the next load comes from the host. */
export async function removeServiceWorker(): Promise<void> {
  if (!('serviceWorker' in navigator)) return;
  const registration = await navigator.serviceWorker.getRegistration();
  await registration?.unregister();
  const scope = new URL('.', document.baseURI).href; // several sites may share one origin
  const own = (await caches.keys()).filter((name) => name.startsWith('atelier-') && name.split(' ')[1] === scope);
  await Promise.all(own.map((name) => caches.delete(name)));
}

function watchForUpdates(registration: ServiceWorkerRegistration, onUpdate: ServiceWorkerOptions['onUpdate']): void {
  const announce = () => {
    if (registration.waiting && navigator.serviceWorker.controller) onUpdate(() => apply(registration));
  };
  registration.addEventListener('updatefound', () =>
    registration.installing?.addEventListener('statechange', announce),
  );
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') registration.update().catch(() => undefined); // offline: next time
  });
  announce();
}

/** Other open pages stay on the version that they run: their chunks remain in the older cache. */
function apply(registration: ServiceWorkerRegistration): void {
  if (!registration.waiting) return location.reload(); // another page has already switched
  navigator.serviceWorker.addEventListener('controllerchange', () => location.reload(), { once: true });
  registration.waiting.postMessage({ type: 'activate' });
}

/** The service worker asks which build this page runs, before it drops older ones. */
function tellScript(event: MessageEvent): void {
  if ((event.data as { type?: string } | null)?.type !== 'script?') return;
  const entry = document.querySelector<HTMLScriptElement>('script[type="module"][src]');
  event.ports[0]?.postMessage(entry?.src ?? '');
}
