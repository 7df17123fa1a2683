// Verbs on reward models with the words that go with them.
import { demoPreferences } from '../../state/demo.ts';
import { judging } from '../../state/judging.svelte.ts';
import { format, t } from '../../state/language.svelte.ts';
import { mergeSettings } from '../../state/mergeSettings.svelte.ts';
import { merging } from '../../state/merging.svelte.ts';
import { projects } from '../../state/projects.svelte.ts';
import { queueChoices } from '../../state/queueChoices.svelte.ts';
import type { RewardModel } from '../../state/rewardModels.svelte.ts';
import { rewardSettings } from '../../state/rewardSettings.svelte.ts';
import { router } from '../../state/router.svelte.ts';
import { scoring } from '../../state/scoring.svelte.ts';
import { toasts } from '../../state/toasts.svelte.ts';
import { training } from '../../state/training.svelte.ts';
import { ensureProject } from '../../state/workspace.ts';
import { attempt } from '../frame/projectVerbs.ts';

/** The site's own dataset, as a file of feedback like any other, merged at once. */
export const useDemoPreferences = (): Promise<boolean> =>
  attempt(async () => {
    const file = await demoPreferences(); // fetched first: no empty project is left when the site is unreachable
    await ensureProject(t().projects.untitled);
    await mergeSettings.load(projects.current?.id ?? '');
    await merging.addFiles([file]);
    const { funnel } = await merging.merge();
    toasts.show(t().reward.demoTaken(funnel.preferences));
  }, t().reward.demoFailed);

export const startTraining = (): Promise<boolean> =>
  attempt(async () => {
    await training.start({ kind: 'reward', config: rewardSettings.config }, []);
    if (router.name === 'reward') router.replace('/reward?tab=train');
  }, t().reward.startFailed);

export const scoreQueue = ({ adapter: { id, name } }: RewardModel): Promise<boolean> =>
  attempt(async () => {
    const scored = await scoring.run({ id, name });
    toasts.show(t().reward.queue.done(scored));
  }, t().reward.queue.failed);

/** To Annotate, in the order that the scores are for. */
export const judgeInformative = (): Promise<boolean> =>
  attempt(async () => {
    await judging.setSettings({ ...queueChoices.settings, order: 'informative' });
    router.go('/annotate');
  });

/** "−0.42": a score or a margin, as this page writes them. */
export const written = (x: number): string => format.number(Math.round(x * 100) / 100 || 0, 2); // never −0.00

export const percent = (share: number): string => t().common.percent(share);

/** How sure it is of an answer; a score is never certain, so "100%" is never said. */
export const sureness = (margin: number): string => percent(Math.min(0.99, 1 / (1 + Math.exp(-Math.abs(margin)))));

/** "73–92" */
export const rangeOf = ({ low, high }: { low: number; high: number }): string =>
  t().reward.verdict.range(format.number(low * 100), format.number(high * 100));
