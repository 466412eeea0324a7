import type { APIEmbed } from 'discord.js'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ContentPart } from '../../../src/conversation/answerer.ts'
import { en } from '../../../src/conversation/texts/en.ts'
import { CAT, type DiscordStage, openStage } from '../../helpers/discord-stage.ts'
import { questionText } from '../../helpers/fake-answerer.ts'

let stage: DiscordStage

beforeEach(async () => {
  stage = await openStage()
})

afterEach(async () => {
  await stage.close()
})

/** Waits for the answer in the channel's thread and gives the question that the model got. */
async function asked(): Promise<string> {
  await stage.sees('You said', await stage.thread())
  return questionText(stage.answerer.questions.at(-1)!)
}

function clipNames(): (string | undefined)[] {
  const parts: ContentPart[] = stage.answerer.questions.at(-1)!.messages.flatMap(({ content }) => content)
  return parts.flatMap((part) => (part.type === 'clip' ? [part.clip.name] : []))
}

describe('@valley', () => {
  it('what is this? with a clip: answers in a thread of its own', async () => {
    stage.mention('what is this?', { files: [CAT] })
    expect(await asked()).toBe('[clip-1] what is this?')
    const thread = await stage.thread()
    expect(thread.name).toBe('what is this?')
    await stage.discord.waitUntil(() => thread.memberIds.includes(stage.ana.id))
    expect(stage.discord.botMessagesIn(stage.general)).toEqual([])
  })

  it('with only a clip: describes it', async () => {
    stage.mention('', { files: [CAT] })
    expect(await asked()).toBe('[clip-1] Describe this clip.')
    expect((await stage.thread()).name).toBe('cat.mp4')
  })

  it('without a clip: asks for one, and takes it in the thread', async () => {
    stage.mention('what is this?')
    const thread = await stage.thread()
    await stage.sees(en.clipWanted, thread)
    stage.ana.posts(thread, 'what is this?', { files: [CAT] })
    expect(await asked()).toBe('[clip-1] what is this?')
  })

  it('describe that, in reply to somebody else: looks at the clip of that post', async () => {
    const ben = stage.guild.person('Ben')
    const post = ben.posts(stage.general, 'look!', { files: [CAT] })
    stage.mention('describe that', { replyTo: post })
    expect(await asked()).toBe('[clip-1] describe that')
  })

  it('compare, in reply to a clip and with one: looks at both, the older first', async () => {
    const post = stage.guild.person('Ben').posts(stage.general, 'look!', { files: [{ ...CAT, name: 'first.mp4' }] })
    stage.mention('compare', { replyTo: post, files: [{ ...CAT, name: 'second.mp4' }] })
    expect(await asked()).toBe('[clip-1] [clip-2] compare')
    expect(clipNames()).toEqual(['first.mp4', 'second.mp4'])
  })

  it('compare these, with several files: takes the clips in order and leaves the notes', async () => {
    const notes = { name: 'notes.txt', bytes: CAT.bytes }
    stage.mention('compare these', { files: [CAT, notes, { ...CAT, name: 'dog.webm' }, { ...CAT, name: 'bird.gif' }] })
    expect(await asked()).toBe('[clip-1] [clip-2] [clip-3] compare these')
    expect(clipNames()).toEqual(['cat.mp4', 'dog.webm', 'bird.gif'])
  })

  it('read this, with a file that is no clip: hands it on, so that its refusal is told', async () => {
    stage.mention('read this', { files: [{ name: 'notes.txt', bytes: CAT.bytes }] })
    await asked()
    expect(clipNames()).toEqual(['notes.txt'])
  })

  it('what is this? about a video that an embed shows from the CDN', async () => {
    const embed = videoEmbed(`http://${stage.discord.host}/attachments/1/2/clip.mp4?ex=1&is=1&hm=1`)
    stage.mention('what is this?', { embeds: [embed] })
    expect(await asked()).toBe('[clip-1] what is this?')
    expect(clipNames()).toEqual(['clip.mp4'])
  })

  it('what is this? about a link that becomes a video a moment later', async () => {
    const url = `http://${stage.discord.host}/attachments/1/2/clip.mp4?ex=1&is=1&hm=1`
    const post = stage.mention(`what is this? ${url}`)
    stage.ana.seesLinkUnfold(post, [videoEmbed(url)])
    await asked()
    expect(clipNames()).toEqual(['clip.mp4'])
  })

  it('what is this? about a video of another site: asks for a clip', async () => {
    stage.mention('what is this?', { embeds: [videoEmbed('https://video.example/watch.mp4')] })
    await stage.sees(en.clipWanted, await stage.thread())
  })

  it('in reply to a forwarded clip: looks at it', async () => {
    const post = stage.guild.person('Ben').posts(stage.guild.channel('other'), 'look!', { files: [CAT] })
    const forwarded = stage.ana.forwards(post, stage.general)
    stage.mention('what is this?', { replyTo: forwarded })
    expect(await asked()).toBe('[clip-1] what is this?')
  })

  it('by its role: is the same as by its name', async () => {
    const roles = [...(await fetchRoles())]
    const own = roles.find(({ tags }) => tags?.bot_id === stage.discord.bot.id)!
    stage.ana.posts(stage.general, `<@&${own.id}> what is this?`, { files: [CAT] })
    expect(await asked()).toBe('[clip-1] what is this?')
  })

  it('in a reply to its own answer: goes on about the clip of that question', async () => {
    await stage.close()
    stage = await openStage({ settings: { openThreads: false } })
    stage.mention('one', { files: [CAT] })
    const answer = await stage.sees('You said: [clip-1] one')
    const ben = stage.guild.person('Ben')
    ben.posts(stage.general, 'and now?', { replyTo: answer })
    await stage.sees('You said: [clip-1] and now?')
  })
})

describe('posts that are none of its business', () => {
  it('talk among people, bots, and its own posts are not answered', async () => {
    stage.ana.posts(stage.general, 'hello all', { files: [CAT] })
    const ben = stage.guild.person('Ben')
    stage.ana.posts(stage.general, `${ben.mention} look`, { files: [CAT] })
    stage.mention('what is this?', { files: [CAT] })
    await asked()
    expect(stage.answerer.questions).toHaveLength(1)
    expect(stage.discord.threadsOf(stage.general)).toHaveLength(1)
  })
})

describe('a link to a post', () => {
  it('pulls in its clip where the person may read it', async () => {
    const other = stage.guild.channel('other')
    const post = stage.guild.person('Ben').posts(other, 'look!', { files: [CAT] })
    stage.mention(`what is this? ${linkTo(post)}`)
    expect(await asked()).toBe('[clip-1] what is this?')
  })

  it('to a channel that the person may not see is as if it were not there', async () => {
    const secret = stage.guild.channel('secret')
    const ben = stage.guild.person('Ben')
    const post = ben.posts(secret, 'look!', { files: [CAT] })
    secret.denies(stage.ana, 'ViewChannel')
    stage.mention(`what is this? ${linkTo(post)}`)
    await stage.sees(en.errors.CLIP_MISSING, await stage.thread())
    expect(stage.answerer.questions).toEqual([])
  })

  it('to a private thread that the person is not in is as if it were not there', async () => {
    const ben = stage.guild.person('Ben')
    const closed = ben.startsPrivateThread(stage.general, 'closed', [stage.discord.bot])
    const post = ben.posts(closed, 'look!', { files: [CAT] })
    stage.mention(`what is this? ${linkTo(post)}`)
    await stage.sees(en.errors.CLIP_MISSING, await stage.thread(1))
    ben.posts(stage.general, `${stage.discord.bot.mention} what is this? ${linkTo(post)}`)
    await stage.sees('You said: [clip-1] what is this?', await stage.thread(2))
  })

  it('brings its clip into a thread for those who may see it, and for nobody else there', async () => {
    const closed = stage.guild.channel('closed')
    const [ben, eva] = [stage.guild.person('Ben'), stage.guild.person('Eva')]
    const post = ben.posts(closed, 'look!', { files: [CAT] })
    closed.denies(eva, 'ViewChannel')
    stage.mention(`what is this? ${linkTo(post)}`)
    await asked()
    const thread = await stage.thread()
    eva.posts(thread, 'and what then?')
    await stage.sees(en.errors.CLIP_MISSING, thread)
    ben.posts(thread, 'and how does it end?')
    await stage.sees('You said: and how does it end?', thread)
    closed.denies(ben, 'ViewChannel')
    ben.posts(thread, 'and then?')
    await stage.discord.waitUntil(
      () =>
        stage.discord.botMessagesIn(thread).filter(({ content }) => content === en.errors.CLIP_MISSING).length === 2,
    )
    expect(stage.answerer.questions).toHaveLength(2)
  })

  it('to another guild that the person is not in is as if it were not there', async () => {
    const elsewhere = stage.discord.guild('Elsewhere')
    const post = elsewhere.person('Ben').posts(elsewhere.channel(), 'look!', { files: [CAT] })
    stage.mention(`what is this? ${linkTo(post, elsewhere.id)}`)
    await stage.sees(en.errors.CLIP_MISSING, await stage.thread())
  })

  it('to a deleted post is as if it were not there', async () => {
    const post = stage.ana.posts(stage.general, 'look!', { files: [CAT] })
    stage.ana.deletes(post)
    stage.mention(`what is this? ${linkTo(post)}`)
    await stage.sees(en.errors.CLIP_MISSING, await stage.thread())
  })
})

function linkTo(post: { id: string; channel_id: string }, guildId = stage.guild.id): string {
  return `https://discord.com/channels/${guildId}/${post.channel_id}/${post.id}`
}

function videoEmbed(url: string): APIEmbed {
  return { type: 'video' as APIEmbed['type'] & string, url, video: { url, width: 320, height: 240 } } as APIEmbed
}

async function fetchRoles(): Promise<{ id: string; tags?: { bot_id?: string } }[]> {
  const { api } = stage.discord.rest
  const response = await fetch(`${api}/v10/guilds/${stage.guild.id}/roles`, {
    headers: { authorization: `Bot ${stage.discord.token}` },
  })
  return (await response.json()) as { id: string; tags?: { bot_id?: string } }[]
}
