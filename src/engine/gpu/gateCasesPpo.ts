// The cases of the numerics gate that the losses of reward models and PPO need.
import { pairLoss } from '../ops/pairLoss.ts';
import { policyLoss } from '../ops/policyLoss.ts';
import { valueLoss } from '../ops/valueLoss.ts';
import { Tape } from '../tape.ts';
import { floats, gateCase, integers, type GateCase } from './gateCase.ts';

const PADDING = 0xffffffff;
export const GATE_POLICY = { inverseTemperature: 1.25, clipRange: 0.2, entropyCoef: 0.05 };
export const GATE_VALUE = { valueClip: 0.3, coef: 0.5 };
export const GATE_PAIRS = { centering: 0.1 };

/** Old log-probability, advantage, weight, 0: the clip counts in some, one row is padding. */
const POLICY_ROWS = [
  ...[-5, 1, 0.25, 0, -9, 2, 0.5, 0, -4, -1, 0.125, 0],
  ...[0, 0, 0, 0, -3, -2, 0.25, 0, -8, -0.5, 1, 0],
];

const policy = (name: string, vocab: number): GateCase =>
  gateCase(
    name,
    1e-5,
    {
      hidden: floats(1, [8, 8]),
      head: floats(2, [vocab, 8]),
      index: integers([6, 3, 7, PADDING, 0, 4]),
      targets: integers([vocab - 1, 0, 5, 61, 17, 9]),
      rollout: { shape: [6, 4], data: Float32Array.from(POLICY_ROWS) },
      totals: floats(3, [8]),
    },
    (rec, inputs) => {
      const { hidden, rollout, totals } = inputs;
      const tape = new Tape(rec, new Map([[rollout, rollout]]));
      tape.note([hidden], [rollout], () => undefined); // as if it had been computed from a parameter
      const figures = policyLoss(rec, inputs, { ...GATE_POLICY, maxBytes: 16 * vocab });
      tape.backward();
      return [figures, tape.gradient(hidden) ?? figures, totals];
    },
  );

export const PPO_CASES: readonly GateCase[] = [
  policy('policyLoss, policyGradient, sumFigures', 116),
  policy('policyLoss, odd vocabulary', 117),
  gateCase(
    'valueLoss',
    1e-5,
    { values: floats(1, [71, 1], 2), rollout: floats(2, [71, 4]), totals: floats(3, [4]) },
    (rec, inputs) => {
      const { values, rollout, totals } = inputs;
      const tape = new Tape(rec, new Map([[rollout, rollout]]));
      tape.note([values], [rollout], () => undefined);
      const figures = valueLoss(rec, inputs, GATE_VALUE);
      tape.backward();
      return [figures, tape.gradient(values) ?? figures, totals];
    },
  ),
  gateCase(
    'pairLoss',
    1e-5,
    { scores: floats(1, [26], 2), margins: floats(2, [13]), weights: floats(3, [13]), totals: floats(4, [4]) },
    (rec, inputs) => {
      const { scores, margins, totals } = inputs;
      const tape = new Tape(rec, new Map([[margins, margins]]));
      tape.note([scores], [margins], () => undefined);
      pairLoss(rec, inputs, GATE_PAIRS);
      tape.backward();
      return [tape.gradient(scores) ?? totals, totals];
    },
  ),
];
