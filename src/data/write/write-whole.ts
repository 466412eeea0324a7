// A small file written at once.
import { endWhole } from './end-whole.ts'
import { OutputFile } from './output-file.ts'

/** Writes a file that has its name only once it is whole. @throws AppError DATASET_INVALID when it cannot be written */
export async function writeWhole(path: string, content: string): Promise<void> {
  const file = await OutputFile.open(path)
  await endWhole([file], () => file.write(content))
}
