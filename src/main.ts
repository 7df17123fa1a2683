// Starts the app: looks first, so that nothing flashes, then the stored data, then the service worker.
import { mount } from 'svelte';
import './styles/tokens.css';
import './styles/base.css';
import App from './App.svelte';
import { SHIPPED_MODELS } from './records/baseModel.ts';
import { USE_LITE } from './records/embedder.ts';
import { language, t } from './state/language.svelte.ts';
import { router } from './state/router.svelte.ts';
import { theme } from './state/theme.svelte.ts';
import { toasts } from './state/toasts.svelte.ts';
import { work } from './state/work.ts';
import { keepOffline, registerServiceWorker } from '../workers/connect-sw.ts';

theme.apply();
language.apply();
router.start();

const target = document.getElementById('app');
if (!target) throw new Error('main: index.html must hold an element #app, got none. Restore it.');
mount(App, { target });

void registerServiceWorker({
  onUpdate: (apply) =>
    toasts.show(t().app.newVersion, { seconds: null, action: { label: t().app.reload, run: apply } }),
  isBusy: () => work.underWay,
});
// After the first paint: it says at once whether there is a GPU, and starts nothing.
void import('./state/engine.svelte.ts');
// In the background, so that the first visit is enough to work offline; what answers a first question comes first.
const models = [...SHIPPED_MODELS, USE_LITE].flatMap(({ url }) => url ?? []);
void keepOffline([...models, 'datasets/', 'assets/']);
