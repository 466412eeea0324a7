// What runs in each thread that makes weights beside the main one. Several passes may be under way: while one waits for the
// disk, another is worked on.
import { parentPort } from 'node:worker_threads'
import { assert } from '../assert.ts'
import { serializeError } from '../errors.ts'
import { doPass } from './storage-pass.ts'
import type { StorageReply, StorageRequest } from './storage-threads.ts'

const port = parentPort
assert(port !== null, 'this module is a worker thread')

port.on('message', async ({ id, pass }: StorageRequest) => {
  try {
    const outputs = await doPass(pass)
    const reply: StorageReply = { id, outputs }
    port.postMessage(
      reply,
      outputs.map(({ buffer }) => buffer),
    )
  } catch (error) {
    const reply: StorageReply = { id, error: serializeError(error) }
    port.postMessage(reply)
  }
})
