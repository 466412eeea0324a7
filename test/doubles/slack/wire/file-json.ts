import type { Json } from '../json.ts'
import { endingOf, type StoredFile } from '../world/stored-file.ts'
import type { World } from '../world/world.ts'

/** The file object as methods answer it, addresses and all. */
export function fileJson(world: World, file: StoredFile): Json {
  const { domain } = world.workspaceOf(file.teamId)
  const path = `${world.origins.files}/files-pri/${file.teamId}-${file.id}`
  const name = encodeURIComponent(file.name)
  const sharedChannels = [...file.sharedIn].map((id) => world.channelById(id)).filter((found) => found !== undefined)
  const idsOf = (kind: string) => sharedChannels.filter((channel) => channel.kind === kind).map(({ id }) => id)
  return {
    id: file.id,
    created: file.createdSeconds,
    timestamp: file.createdSeconds,
    name: file.name,
    title: file.title,
    mimetype: file.mimetype,
    filetype: endingOf(file.name),
    pretty_type: endingOf(file.name).toUpperCase(),
    user: file.ownerId,
    user_team: file.teamId,
    editable: false,
    size: file.declaredSize,
    mode: 'hosted',
    is_external: false,
    external_type: '',
    is_public: idsOf('channel').length > 0,
    public_url_shared: false,
    display_as_bot: false,
    username: '',
    url_private: `${path}/${name}`,
    url_private_download: `${path}/download/${name}`,
    media_display_type: file.mimetype.startsWith('video/') ? 'video' : 'unknown',
    permalink: `https://${domain}.slack.com/files/${file.ownerId}/${file.id}/${name}`,
    is_starred: false,
    has_rich_preview: false,
    file_access: 'visible',
    channels: idsOf('channel'),
    groups: idsOf('group'),
    ims: idsOf('im'),
  }
}

/** The file object as events and histories carry it: only its id where `files.info` has to be asked, or where it was deleted. */
export function fileInMessageJson(world: World, file: StoredFile): Json {
  if (file.isDeleted) return { id: file.id, mode: 'tombstone' }
  if (file.access === 'visible') return fileJson(world, file)
  return { id: file.id, created: 0, timestamp: 0, user: '', mode: 'file_access', file_access: 'check_file_info' }
}
