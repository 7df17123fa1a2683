// A trainer that outlives its device and lets others in: each of its values is one job of the engine, so answers go
// between two steps; on a new device it goes on from its last checkpoint.
import type { Gpu } from '../gpu/device.ts';
import type { Trainer, TrainerEvent, TrainerState } from './state.ts';

/** What the engine offers to it. */
export interface Jobs<Session> {
  job<T>(work: (session: Session) => Promise<T>): Promise<T>;
  /** Answers that wait to be computed or are under way. */
  readonly asked: number;
}

export type TrainingEvent =
  | TrainerEvent
  /** Computed again from this step on: what was told after it is void. */
  | { kind: 'rebuilt'; step: number }
  | { kind: 'doing'; what: 'answering'; share: null };

type Device = Pick<Gpu, 'lostReason'>;

/** Devices lost without a step beyond the furthest one: then the step itself kills them, and trying again would not end. */
const MAX_LOSSES = 3;

export async function* resilient<Session extends { gpu: Device }>(
  engine: Jobs<Session>,
  start: (session: Session, resume: TrainerState | null) => Promise<Trainer>,
  resume: TrainerState | null,
): AsyncGenerator<TrainingEvent, TrainerState, void> {
  let kept = resume; // the last checkpoint
  let step = resume?.step ?? 0;
  let furthest = step;
  let losses = 0;
  let running: { trainer: Trainer; gpu: Session['gpu'] } | null = null;
  let rebuilt = false;
  try {
    for (;;) {
      const waits = engine.asked > 0;
      if (waits) yield { kind: 'doing', what: 'answering', share: null };
      const next = await engine.job(async (session) => {
        if (running?.gpu !== session.gpu) {
          if (running) {
            abandon(running.trainer);
            running = null; // until the new one is there
            rebuilt = true;
            if (++losses >= MAX_LOSSES)
              throw new Error(
                `training: the device must stay alive through a step, got ${losses} losses after step ${kept?.step ?? 0}. ` +
                  'Use a smaller batch or shorter texts, close other GPU work, or update the driver, then try again.',
              );
          }
          running = { trainer: await start(session, kept), gpu: session.gpu };
        }
        return running.trainer.next();
      });
      if (rebuilt) {
        rebuilt = false;
        step = kept?.step ?? 0;
        yield { kind: 'rebuilt', step };
        yield { kind: 'log', step, text: 'deviceLost', detail: `${step}` };
      }
      if (waits) yield { kind: 'log', step, text: 'asked', detail: '' };
      if (next.done) return next.value;
      const event = next.value;
      if (event.kind === 'step') step = event.step;
      if (step > furthest) {
        furthest = step;
        losses = 0;
      }
      if (event.kind === 'checkpoint') kept = event.state;
      yield event;
    }
  } finally {
    const last = running as { trainer: Trainer; gpu: Device } | null;
    if (last && last.gpu.lostReason !== null) abandon(last.trainer);
    else await last?.trainer.return(undefined as never);
  }
}

/** Its device is gone, and a promise of that device may never settle: nobody waits for it. */
function abandon(trainer: Trainer): void {
  trainer.return(undefined as never).catch(() => undefined);
}
