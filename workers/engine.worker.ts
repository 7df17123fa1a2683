// The engine worker: owns the GPU device and the models; fetches their files; checks the device.
import * as Comlink from 'comlink';
import { Engine, EngineError } from '../src/engine/engine.ts';
import { bench } from '../src/engine/gpu/calibrate.ts';
import { GpuMissingError, openGpu, wgslFeatures } from '../src/engine/gpu/device.ts';
import { runGate } from '../src/engine/gpu/gate.ts';
import { deviceReport, missingReport } from '../src/engine/gpu/report.ts';
import type { ModelFiles } from '../src/engine/models/weights.ts';
import { answerSpeed } from '../src/engine/speed.ts';
import { scoreByRules } from '../src/engine/training/rules.ts';
import { encodeRow } from '../src/engine/training/rows.ts';
import { Tokenizer } from '../src/engine/tokenizer.ts';
import type { BaseModel } from '../src/records/baseModel.ts';
import type { BenchResult } from '../src/records/report.ts';
import { exportMergedModel, readAdapter } from './adapters.ts';
import type { EngineApi, EngineEvent } from './api.ts';
import { scoreTexts } from './scoring.ts';
import { Training } from './training.ts';

/** Of the check's progress: the gate's part, and the results that the bench gives after it. */
const GATE_SHARE = 0.5;
const BENCHES = 5;

let listener: (event: EngineEvent) => void = () => undefined;
const engine = new Engine((event) => listener(event), undefined, readAdapter);
const training = new Training(engine);

/** Files of a model folder by fetch; a missing file is null, a failing host a sentence. */
function filesAt(folder: URL): ModelFiles {
  async function get(name: string): Promise<Response | null> {
    const url = new URL(name, folder);
    const response = await fetch(url).catch((error: unknown) => {
      throw new Error(`${name}: must be reachable at ${url}, got no answer. Check the connection, then try again.`, {
        cause: error,
      });
    });
    // Some hosts answer with their start page where a file is missing.
    const missing = response.status === 404 || response.headers.get('content-type')?.startsWith('text/html');
    if (missing) return null;
    if (response.ok) return response;
    throw new Error(`${name}: must be served by ${url.host}, got status ${response.status}. Try again later.`);
  }
  return {
    text: async (name) => (await get(name))?.text() ?? null,
    async stream(name) {
      const response = await get(name);
      if (!response?.body) return null;
      const length = Number(response.headers.get('content-length'));
      return { stream: response.body, bytes: length > 0 ? length : null };
    },
  };
}

const tokenizers = new Map<string, Promise<Tokenizer>>();

/** Of a model that need not be loaded. */
function tokenizerOf({ url }: BaseModel, siteUrl: string): Promise<Tokenizer> {
  const folder = new URL(url, siteUrl);
  let tokenizer = tokenizers.get(folder.href);
  if (!tokenizer) {
    tokenizer = Tokenizer.load(filesAt(folder));
    tokenizer.catch(() => tokenizers.delete(folder.href)); // the next call tries again
    tokenizers.set(folder.href, tokenizer);
  }
  return tokenizer;
}

const api = {
  async device() {
    const features = wgslFeatures();
    const current = await engine.current();
    if (current) return deviceReport(current.gpu, features);
    try {
      const gpu = await openGpu(); // no model is loaded: a device just for looking
      const report = deviceReport(gpu, features);
      gpu.destroy();
      return report;
    } catch (error) {
      if (error instanceof GpuMissingError) return missingReport(error.message);
      throw error;
    }
  },
  async listen(onEvent) {
    listener = onEvent;
  },
  async load(model, siteUrl, precision) {
    if (training.runId !== null && !engine.has(model, precision))
      throw new EngineError('engine: the base must stay while a run trains over it, got another. Pause the run first.');
    return engine.load(model, filesAt(new URL(model.url, siteUrl)), precision);
  },
  async render(question, passages, reserve) {
    return engine.render(question, passages, reserve);
  },
  async pieces(ids) {
    return engine.pieces(ids);
  },
  async generate(jobId, rows, onToken) {
    return engine.generate(jobId, rows, onToken);
  },
  async inspect(model, siteUrl, row, maxLength) {
    const tokenizer = await tokenizerOf(model, siteUrl);
    const { ids, mask, cutTokens } = encodeRow(tokenizer, row, { joiner: model.joiner, maxLength });
    return { pieces: tokenizer.pieces(ids), mask, cutTokens };
  },
  async lengths(model, siteUrl, rows) {
    const tokenizer = await tokenizerOf(model, siteUrl);
    const encoded = rows.map((row) => encodeRow(tokenizer, row, { joiner: model.joiner, maxLength: Infinity }));
    return {
      tokens: Uint32Array.from(encoded, ({ ids }) => ids.length),
      completion: Uint32Array.from(encoded, ({ mask }) => mask.reduce((sum, m) => sum + m, 0)),
    };
  },
  async forecast(projectId, config) {
    return training.forecast(projectId, config);
  },
  async forecastReward(projectId, config) {
    return training.forecastReward(projectId, config);
  },
  async forecastPpo(projectId, config) {
    return training.forecastPpo(projectId, config);
  },
  async score(adapterId, texts, onProgress) {
    return scoreTexts(engine, adapterId, texts, onProgress);
  },
  async scoreByRules(rules, text) {
    return scoreByRules(rules, text);
  },
  async train(runId, onEvent) {
    return training.train(runId, onEvent);
  },
  async pauseTraining(runId) {
    training.end(runId, 'pause');
  },
  async stopTraining(runId) {
    training.end(runId, 'stop');
  },
  async exportMerged(adapterId, siteUrl) {
    const { base } = engine;
    if (!base)
      throw new EngineError('engine: the base must be loaded before an adapter is folded in, got none. Load it.');
    const files = filesAt(new URL(base.url, siteUrl));
    return exportMergedModel(adapterId, engine.mergedWeights(adapterId), files.text);
  },
  async cancel(jobId) {
    engine.cancel(jobId);
  },
  async gate() {
    return engine.job(({ gpu }) => runGate(gpu));
  },
  async check(onEvent) {
    return engine.job(async (session) => {
      const { gpu } = session;
      const gate = await runGate(gpu, (result, done, total) =>
        onEvent({ gate: result, progress: (GATE_SHARE * done) / total }),
      );
      const results: BenchResult[] = [];
      const onBench = (result: BenchResult) => {
        results.push(result);
        onEvent({ bench: result, progress: Math.min(1, GATE_SHARE + ((1 - GATE_SHARE) * results.length) / BENCHES) });
      };
      await bench(gpu, onBench);
      onBench(await answerSpeed(session.decoder, engine.tokenizer));
      return { gate, bench: results };
    });
  },
  async destroyDevice() {
    (await engine.current())?.gpu.destroy();
  },
} satisfies EngineApi;

Comlink.expose(api);
