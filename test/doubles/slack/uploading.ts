import type { FileToShare, StoredFile } from './world/stored-file.ts'
import { mimetypeOf } from './world/stored-file.ts'
import type { World } from './world/world.ts'

/** Stores a file that a person or the app has uploaded; it is in no channel yet. */
export function storeFile(world: World, teamId: string, ownerId: string, file: FileToShare): StoredFile {
  const stored: StoredFile = {
    id: world.identifiers.next('F'),
    teamId,
    ownerId,
    name: file.name,
    title: file.name,
    mimetype: file.mimetype ?? mimetypeOf(file.name),
    createdSeconds: Math.floor(world.clock.now() / 1000),
    bytes: Buffer.from(file.bytes),
    declaredSize: file.declaredSize ?? file.bytes.byteLength,
    access: file.access ?? 'visible',
    sharedIn: new Set(),
    isDeleted: false,
    downloadScripts: [],
  }
  world.files.set(stored.id, stored)
  return stored
}
