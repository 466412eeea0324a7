// What raters saved: JSON or CSV of the rating page, a file a rater, and the key that says who wrote which item.
import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { dataError, fileErrorText } from '../data-error.ts'
import type { Origin } from './choose-items.ts'
import { CRITERIA } from './criteria.ts'

/** One rating. */
export interface GivenRating {
  readonly rater: string
  readonly item: string
  readonly criterion: string
  readonly value: number | string
}

/** Everything that raters said of one page. */
export interface Ratings {
  readonly page: string
  readonly raters: readonly string[]
  readonly given: readonly GivenRating[]
}

const text = z.string().trim().min(1)
const valueSchema = z.union([z.number(), text])
const fileSchema = z.object({
  format: z.literal('valley-ratings'),
  version: z.literal(1),
  page: text,
  rater: text,
  ratings: z.array(z.object({ item: text, criterion: text, value: valueSchema })),
})
const keySchema = z.object({
  format: z.literal('valley-rating-key'),
  version: z.literal(1),
  page: text,
  items: z.record(text, z.object({ origin: z.enum(['generated', 'human']) })),
})
type RatingFile = Omit<z.infer<typeof fileSchema>, 'format' | 'version'>

/** @throws AppError DATASET_INVALID when a file is none of these, two are by the same rater, or they are of other pages */
export async function readRatings(files: readonly string[]): Promise<Ratings> {
  const read: RatingFile[] = []
  for (const file of files) {
    const one = await readFileOf(file)
    const [first] = read
    if (first !== undefined && first.page !== one.page) {
      throw dataError(
        `${file} is of page ${one.page}, ${files[0]} of page ${first.page}; ratings of one page are needed. Name files of the same page.`,
      )
    }
    if (read.some(({ rater }) => rater === one.rater)) {
      throw dataError(`${file} is a second file by ${one.rater}; one a rater is needed. Leave out the older one.`)
    }
    for (const { criterion, value } of one.ratings) checkValue(file, criterion, value)
    read.push(one)
  }
  return {
    page: read[0]!.page,
    raters: read.map(({ rater }) => rater),
    given: read.flatMap(({ rater, ratings }) => ratings.map((rating) => ({ rater, ...rating }))),
  }
}

/** Who wrote each item. @throws AppError DATASET_INVALID when it is no key, or of another page */
export async function readKey(file: string, page: string): Promise<ReadonlyMap<string, Origin>> {
  const parsed = keySchema.safeParse(parseJson(await readText(file)))
  if (!parsed.success)
    throw dataError(`${file} is no key of a rating page; name the .key.json beside the page by --key.`)
  if (parsed.data.page !== page) {
    throw dataError(
      `${file} is the key of page ${parsed.data.page}, the ratings are of ${page}; name the key of that page.`,
    )
  }
  return new Map(Object.entries(parsed.data.items).map(([item, { origin }]) => [item, origin]))
}

function checkValue(file: string, name: string, value: number | string): void {
  const criterion = CRITERIA.find((one) => one.name === name)
  const allowed = criterion?.values.map(([one]) => one) ?? []
  if (allowed.includes(value)) return
  const expected =
    criterion === undefined
      ? `criteria are ${CRITERIA.map((one) => one.name).join(', ')}`
      : `${allowed.join(', ')} are allowed`
  throw dataError(
    `${file} rates ${JSON.stringify(name)} with ${JSON.stringify(value)}; ${expected}. Save the ratings again.`,
  )
}

async function readFileOf(file: string): Promise<RatingFile> {
  const content = await readText(file)
  const parsed = fileSchema.safeParse(parseJson(content) ?? fromCsv(content))
  if (parsed.success) return parsed.data
  throw dataError(
    `${file} holds no ratings of a rating page; JSON or CSV that the page saved is needed. Save it again.`,
  )
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    throw dataError(`${file} cannot be read (${fileErrorText(cause)}); a file is needed. Correct its name.`, cause)
  }
}

function parseJson(content: string): unknown {
  try {
    return JSON.parse(content)
  } catch {
    return undefined
  }
}

/** The page quotes every cell, and no name has a line break; so a line is a row. */
function fromCsv(content: string): unknown {
  const rows = content
    .replace(/^\ufeff/, '')
    .split(/\r?\n/)
    .filter((line) => line !== '')
    .map((line) =>
      [...line.matchAll(/"((?:[^"]|"")*)"|([^,"]+)/g)].map(([, quoted, plain]) => cellOf(quoted ?? plain!)),
    )
  const [head, ...body] = rows
  if (head?.join() !== 'page,rater,item,criterion,value') return undefined
  const raters = new Set(body.map((cells) => cells[1]))
  if (body.some(({ length }) => length !== 5) || raters.size !== 1) return undefined
  const ratings = body.map(([, , item, criterion, value]) => ({ item, criterion, value: numberOr(value!) }))
  return { format: 'valley-ratings', version: 1, page: body[0]![0], rater: body[0]![1], ratings }
}

function cellOf(text_: string): string {
  return text_.replaceAll('""', '"').replace(/^'([=+@-])/, '$1')
}

function numberOr(value: string): number | string {
  return /^\d+$/.test(value) ? Number(value) : value
}
