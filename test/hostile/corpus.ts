// Files that somebody sends who means no good. Each is made here, from a good clip or from nothing, and named by what it
// tries. None may lead to another file, to a host, or to more memory, time or processes than the limits allow.
import { deflateSync } from 'node:zlib'
import { box, element, number32, wholeBox, withMore, withNumber } from './boxes.ts'

/** One hostile file. */
export interface HostileFile {
  /** What it tries. */
  readonly name: string
  readonly bytes: Buffer
}

/** What the files are made from. */
export interface CorpusSource {
  /** A good MP4 with one video track. */
  readonly clip: Buffer
  /** Absolute path of a clip of somebody else, which must not be reached. */
  readonly secretPath: string
}

const MEBIBYTE = 1024 * 1024
const MAX_32 = 0xffffffff
const DEEP = 10_000
const MANY_STREAMS = 10_000
const MANY_BOXES = 100_000
/** So many that the index is read instead of the packets. */
const MANY_PICTURES = 2000
/** Of zeros; a thousandth of it when compressed. */
const BOMB_BYTES = 256 * MEBIBYTE
const MP4_HEAD = box('ftyp', Buffer.from('isom\0\0\x02\0isomiso2avc1mp41', 'latin1'))
const QUICKTIME_HEAD = box('ftyp', Buffer.from('qt  \0\0\x02\0qt  ', 'latin1'))

/** All of them. */
export function hostileFiles(source: CorpusSource): HostileFile[] {
  return [...playlists(source), ...references(source), ...sizes(source), ...structures(source), ...polyglots(source)]
}

/** Texts that make a player open other files. */
function playlists({ secretPath }: CorpusSource): HostileFile[] {
  const texts: Readonly<Record<string, string>> = {
    'playlist of the file beside it': '#EXTM3U\n#EXTINF:1,\nsecret.mp4\n#EXT-X-ENDLIST\n',
    'playlist of an absolute path': `#EXTM3U\n#EXTINF:1,\n${secretPath}\n#EXT-X-ENDLIST\n`,
    'playlist of a host': '#EXTM3U\n#EXTINF:1,\nhttp://169.254.169.254/latest/meta-data/\n#EXT-X-ENDLIST\n',
    'playlist of concatenated files': `#EXTM3U\n#EXTINF:1,\nconcat:http://127.0.0.1:9/x?|file://${secretPath}\n`,
    'playlist with a key elsewhere': `#EXTM3U\n#EXT-X-KEY:METHOD=AES-128,URI="file://${secretPath}"\n#EXTINF:1,\na.ts\n`,
    'playlist behind a byte order mark': '\ufeff#EXTM3U\n#EXTINF:1,\nsecret.mp4\n',
    'playlist behind blank lines': '\n\n  \n#EXTM3U\nsecret.mp4\n',
    'concat list of the file beside it': "ffconcat version 1.0\nfile 'secret.mp4'\n",
    'concat list of an absolute path': `ffconcat version 1.0\nfile '${secretPath}'\n`,
    'concat list without its head': `file '${secretPath}'\n`,
    'filter description': `movie=${secretPath}`,
    'PLS playlist': `[playlist]\nFile1=${secretPath}\nNumberOfEntries=1\n`,
    'DASH manifest': `<?xml version="1.0"?><MPD><Period><BaseURL>file://${secretPath}</BaseURL></Period></MPD>`,
    'SMIL presentation': `<smil><body><video src="file://${secretPath}"/></body></smil>`,
    'session description': 'v=0\no=- 0 0 IN IP4 127.0.0.1\nc=IN IP4 127.0.0.1\nm=video 9 RTP/AVP 96\n',
    'vector picture with a reference': `<svg xmlns="http://www.w3.org/2000/svg"><image href="file://${secretPath}"/></svg>`,
    'page of HTML': `<!doctype html><video src="file://${secretPath}"></video>`,
  }
  return Object.entries(texts).map(([name, text]) => ({ name, bytes: Buffer.from(text) }))
}

/** Films that say their pictures are elsewhere. */
function references({ clip, secretPath }: CorpusSource): HostileFile[] {
  const address = Buffer.from(`file://${secretPath}\0`)
  const toFile = box('rdrf', number32(0), Buffer.from('url '), number32(address.length), address)
  const selfContained = Buffer.from(clip)
  const at = selfContained.indexOf('url ', selfContained.indexOf('dref', 0, 'latin1'), 'latin1')
  // Flag 1: the pictures are in this file.
  selfContained.writeUInt32BE(0, at + 4)
  const alias = Buffer.from(selfContained)
  alias.write('alis', at, 'latin1')
  return [
    { name: 'reference film', bytes: Buffer.concat([QUICKTIME_HEAD, box('moov', box('rmra', box('rmda', toFile)))]) },
    { name: 'track whose pictures are elsewhere', bytes: selfContained },
    { name: 'track whose pictures are behind an alias', bytes: alias },
  ]
}

/** Numbers far beyond what is there. */
function sizes({ clip }: CorpusSource): HostileFile[] {
  const png = Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    number32(13),
    Buffer.from('IHDR'),
    number32(0x7fffffff),
    number32(0x7fffffff),
    Buffer.from('0802000000', 'hex'),
    number32(0),
  ])
  const gif = Buffer.from(
    'GIF89a\xff\xff\xff\xff\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0\xff\xff\xff\xff\0\x02\x02D\x01\0;',
    'latin1',
  )
  const wide = Buffer.from(clip)
  // Width and height of the sample entry, 24 bytes behind its name.
  wide.writeUInt32BE(MAX_32, clip.indexOf('avc1', clip.indexOf('stsd', 0, 'latin1'), 'latin1') + 28)
  return [
    { name: 'PNG of 2147483647 pixels squared', bytes: png },
    { name: 'GIF of 65535 pixels squared', bytes: gif },
    { name: 'MP4 of 65535 pixels squared', bytes: wide },
    { name: 'film of 136 years', bytes: withNumber(withNumber(clip, 'mvhd', 12, 1), 'mvhd', 16, MAX_32) },
    { name: 'track of 136 years', bytes: withNumber(withNumber(clip, 'mdhd', 12, 1), 'mdhd', 16, MAX_32) },
    { name: 'time scale of zero', bytes: withNumber(clip, 'mdhd', 12, 0) },
    { name: 'four milliard pictures, one size', bytes: withNumber(withNumber(clip, 'stsz', 4, 1), 'stsz', 8, MAX_32) },
    { name: 'four milliard times', bytes: withNumber(clip, 'stts', 8, MAX_32) },
    { name: 'four milliard entries of times', bytes: withNumber(clip, 'stts', 4, MAX_32) },
    { name: 'four milliard chunks', bytes: withNumber(clip, 'stco', 4, MAX_32) },
    { name: 'chunk behind the end', bytes: withNumber(clip, 'stco', 8, MAX_32) },
    { name: 'bomb in a picture of Matroska', bytes: matroskaBomb('picture') },
    { name: 'bomb in the codec data of Matroska', bytes: matroskaBomb('codec data') },
  ]
}

/** Containers that are built wrongly. */
function structures({ clip }: CorpusSource): HostileFile[] {
  const endless = Buffer.concat([MP4_HEAD, number32(0), Buffer.from('moov')])
  const beyond = Buffer.concat([MP4_HEAD, number32(1), Buffer.from('moov'), Buffer.alloc(8, 0xff)])
  const nested = Buffer.concat(
    Array.from({ length: DEEP }, (_, depth) =>
      Buffer.concat([number32((DEEP - depth) * 8), Buffer.from(depth === 0 ? 'moov' : 'trak')]),
    ),
  )
  const track = wholeBox(clip, 'trak')
  const tracks = box('moov', wholeBox(clip, 'mvhd'), ...Array.from({ length: MANY_STREAMS }, () => track))
  const middle = Math.floor(clip.length / 2)
  const long = withNumber(clip, 'stts', 8, MANY_PICTURES)
  const empty = Buffer.alloc(8 * MANY_BOXES, box('free'))
  return [
    {
      name: 'index with a hundred thousand empty boxes',
      bytes: withMore(long, ['moov', 'trak', 'mdia', 'minf', 'stbl'], empty),
    },
    { name: 'box without an end', bytes: endless },
    { name: 'box that is longer than any disk', bytes: beyond },
    { name: 'ten thousand boxes in each other', bytes: Buffer.concat([MP4_HEAD, nested]) },
    { name: 'ten thousand tracks', bytes: Buffer.concat([MP4_HEAD, tracks, wholeBox(clip, 'mdat')]) },
    { name: 'half of a film', bytes: clip.subarray(0, middle) },
    {
      name: 'film with a hole',
      bytes: Buffer.concat([clip.subarray(0, middle), Buffer.alloc(64), clip.subarray(middle)]),
    },
    { name: 'head alone', bytes: MP4_HEAD },
    { name: 'nothing', bytes: Buffer.alloc(0) },
    { name: 'zeros', bytes: Buffer.alloc(MEBIBYTE) },
  ]
}

/** Files that are two things at once. */
function polyglots({ clip, secretPath }: CorpusSource): HostileFile[] {
  const list = Buffer.from(`\n#EXTM3U\n#EXTINF:1,\n${secretPath}\n`)
  const gif = Buffer.from(
    'GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;',
    'latin1',
  )
  const gab2 = Buffer.concat([Buffer.from('GAB2\0\x02\0'), list])
  const chunk = Buffer.concat([Buffer.from('JUNK'), lengthLittle(gab2.length), gab2])
  return [
    { name: 'film with a playlist behind it', bytes: Buffer.concat([clip, list]) },
    {
      name: 'film with an archive behind it',
      bytes: Buffer.concat([clip, Buffer.from('PK\x03\x04'), Buffer.alloc(64)]),
    },
    { name: 'head of a film that is a playlist', bytes: Buffer.concat([box('ftyp', Buffer.from('#EXTM3U\n')), list]) },
    { name: 'picture that is a page', bytes: Buffer.concat([gif, Buffer.from('<script>fetch("/")</script>')]) },
    { name: 'playlist that ends as a film', bytes: Buffer.concat([list, clip]) },
    {
      name: 'AVI with a playlist for subtitles',
      bytes: Buffer.concat([Buffer.from('RIFF'), lengthLittle(chunk.length + 4), Buffer.from('AVI '), chunk]),
    },
  ]
}

/** A film of Matroska whose content is zlib, small in the file and 256 MiB when unpacked. */
function matroskaBomb(where: 'picture' | 'codec data'): Buffer {
  const bomb = deflateSync(Buffer.alloc(BOMB_BYTES))
  const byte = (value: number) => Buffer.from([value])
  const scope = byte(where === 'picture' ? 1 : 2)
  const compression = element('5034', element('4254', byte(0)))
  const encodings = element('6d80', element('6240', element('5032', scope), element('5033', byte(0)), compression))
  const video = element('e0', element('b0', byte(64)), element('ba', byte(48)))
  const codec = [element('86', Buffer.from('V_MPEG4/ISO/AVC')), ...(where === 'picture' ? [] : [element('63a2', bomb)])]
  const entry = element(
    'ae',
    element('d7', byte(1)),
    element('73c5', byte(1)),
    element('83', byte(1)),
    ...codec,
    video,
    encodings,
  )
  const block = element('a3', Buffer.from([0x81, 0, 0, 0x80]), where === 'picture' ? bomb : Buffer.alloc(16))
  const head = element('1a45dfa3', element('4282', Buffer.from('matroska')))
  const info = element('1549a966', element('2ad7b1', number32(1_000_000)))
  const cluster = element('1f43b675', element('e7', byte(0)), block)
  return Buffer.concat([head, element('18538067', info, element('1654ae6b', entry), cluster)])
}

function lengthLittle(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}
