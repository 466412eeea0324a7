// Tar archives in the POSIX form (ustar), which WebDataset reads: a head of 512 bytes, the content, zeros up to the next
// multiple of 512, two empty blocks at the end. Written by hand since that is all there is to it.
import { dataError } from '../data-error.ts'

const BLOCK_BYTES = 512
const NAME_BYTES = 100
/** The field holds eleven octal digits. */
const MAX_FILE_BYTES = 8 ** 11 - 1

/** The two empty blocks that end an archive. */
export const TAR_END = Buffer.alloc(2 * BLOCK_BYTES)

/**
 * The head of a file in an archive. Owner and time are always the same, so that the same content gives the same bytes.
 * @throws AppError DATASET_INVALID when name or size do not fit
 */
export function tarHead(name: string, byteLength: number): Buffer {
  if (Buffer.byteLength(name) > NAME_BYTES || byteLength > MAX_FILE_BYTES) {
    const message = `${name} (${byteLength} bytes) does not fit a tar archive; names have at most ${NAME_BYTES} bytes, files at most 8 GiB. Shorten the record's id.`
    throw dataError(message)
  }
  const head = Buffer.alloc(BLOCK_BYTES)
  head.write(name, 0)
  head.write('0000644\0', 100)
  head.write('0000000\0', 108)
  head.write('0000000\0', 116)
  head.write(`${byteLength.toString(8).padStart(11, '0')}\0`, 124)
  head.write('00000000000\0', 136)
  // The sum is taken with blanks in its own place.
  head.write('        ', 148)
  head.write('0', 156)
  head.write('ustar\u000000', 257)
  const sum = head.reduce((total, byte) => total + byte, 0)
  head.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return head
}

/** Zeros that fill a file's last block. */
export function tarFilling(byteLength: number): Buffer {
  return Buffer.alloc((BLOCK_BYTES - (byteLength % BLOCK_BYTES)) % BLOCK_BYTES)
}
