// The hyparquet-writer door: merged preferences as Parquet, typed as pandas and `datasets` read them. Load it when needed.
import { parquetWriteBuffer } from 'hyparquet-writer';
import { rlhfColumns, type Column, type PreferenceRow } from './preferenceColumns.ts';

type Schema = NonNullable<Parameters<typeof parquetWriteBuffer>[0]['schema']>;

const TYPES = {
  text: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
  texts: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
  float: { type: 'DOUBLE' },
  flag: { type: 'BOOLEAN' },
} as const satisfies Record<Column['kind'], Partial<Schema[number]>>;

/** A list is three levels deep: the column, its repetition, the element. */
function elements({ name, kind }: Column): Schema {
  if (kind !== 'texts') return [{ name, ...TYPES[kind], repetition_type: 'REQUIRED' }];
  return [
    { name, repetition_type: 'REQUIRED', converted_type: 'LIST', num_children: 1 },
    { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
    { name: 'element', ...TYPES.texts, repetition_type: 'REQUIRED' },
  ];
}

export function writeParquet(rows: readonly PreferenceRow[]): ArrayBuffer {
  const columns = rlhfColumns(rows);
  return parquetWriteBuffer({
    columnData: columns.map((column) => ({ name: column.name, data: rows.map((row) => column.of(row)) })),
    schema: [{ name: 'root', num_children: columns.length }, ...columns.flatMap(elements)],
    createdBy: 'Atelier',
  });
}
