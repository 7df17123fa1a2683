// What came of reading a file: problems that a person is told, and progress.

/** Why a file did not become a document. */
export type ReadProblem =
  | 'type' // no reader for it
  | 'empty'
  | 'binary'
  | 'tooLarge' // detail: MB allowed
  | 'encrypted'
  | 'scanned' // detail: how many pages, none with text
  | 'broken' // detail: what the reader said
  | 'bomb' // its packed parts unfold to far more than they should
  | 'stuck' // no progress for a minute; the worker was ended
  | 'duplicate' // detail: the name of the document that is here already
  | 'cancelled';

export interface ReadProgress {
  done: number;
  total: number;
  unit: 'bytes' | 'pages';
}
