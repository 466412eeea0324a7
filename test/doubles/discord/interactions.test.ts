import {
  ActionRowBuilder,
  ApplicationCommandOptionType,
  ApplicationCommandType,
  ApplicationIntegrationType,
  ButtonBuilder,
  ButtonStyle,
  type ChatInputCommandInteraction,
  type Client,
  InteractionContextType,
  InteractionResponseType,
  MessageFlags,
  ModalBuilder,
  TextInputBuilder,
  TextInputStyle,
} from 'discord.js'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type DiscordDouble, openDiscordDouble } from './discord-double.ts'
import { logIn, nextInteraction, nextMessage } from './logged-in-client.ts'
import type { Channel } from './people/channel.ts'
import type { Guild } from './people/guild.ts'
import type { Person } from './people/person.ts'

const CLIP = { name: 'cat.mp4', bytes: Buffer.from('not really a clip') }
const EVERYWHERE = {
  integrationTypes: [ApplicationIntegrationType.GuildInstall, ApplicationIntegrationType.UserInstall],
  contexts: [InteractionContextType.Guild, InteractionContextType.BotDM, InteractionContextType.PrivateChannel],
}

let discord: DiscordDouble
let client: Client<true>
let guild: Guild
let general: Channel
let ana: Person

beforeEach(async () => {
  discord = await openDiscordDouble()
  guild = discord.guild()
  general = guild.channel()
  ana = guild.person('Ana', { locale: 'es-ES' })
  client = await logIn(discord)
  const question = { type: ApplicationCommandOptionType.String as const, name: 'question', description: 'What to ask' }
  const clip = { type: ApplicationCommandOptionType.Attachment as const, name: 'clip', description: 'The clip' }
  await client.application.commands.set([
    {
      name: 'valley',
      description: 'Ask about a clip',
      ...EVERYWHERE,
      options: [
        {
          type: ApplicationCommandOptionType.Subcommand,
          name: 'ask',
          description: 'Ask',
          options: [{ ...question, required: true, autocomplete: true }, clip],
        },
      ],
    },
    { name: 'Describe clip', type: ApplicationCommandType.Message, ...EVERYWHERE },
  ])
})

afterEach(async () => {
  await client.destroy()
  await discord.close()
})

async function ask(person = ana, channel = general) {
  const arrived = nextInteraction(client)
  const used = person.usesCommand(channel, 'valley ask', { question: 'what is it?', clip: CLIP })
  return { used, interaction: (await arrived) as ChatInputCommandInteraction }
}

describe('commands', () => {
  it('are registered, and set again under the ids that they have', async () => {
    const before = discord.commands.map(({ id, name }) => [id, name])
    await client.application.commands.set([
      { name: 'valley', description: 'Ask about clips' },
      { name: 'Describe clip', type: ApplicationCommandType.Message },
    ])
    expect(discord.commands.map(({ id, name }) => [id, name])).toEqual(before)
  })

  it('are refused with names that Discord does not take', async () => {
    await expect(client.application.commands.create({ name: 'Valley Ask', description: 'x' })).rejects.toMatchObject({
      code: 50035,
    })
  })

  it('cannot be used without what they need', () => {
    expect(() => ana.usesCommand(general, 'valley ask')).toThrow('needs its option question')
    expect(() => ana.usesCommand(general, 'valley')).toThrow('One of the subcommands is needed: ask')
    expect(() => ana.usesCommand(general, 'other')).toThrow('No command other')
  })
})

describe('a slash command', () => {
  it('arrives with its options and its file, and is answered after a deferral', async () => {
    const { used, interaction } = await ask()
    await interaction.deferReply()
    expect(interaction.options.getSubcommand()).toBe('ask')
    expect(interaction.options.getString('question')).toBe('what is it?')
    expect(interaction.options.getAttachment('clip')).toMatchObject({ name: 'cat.mp4', contentType: 'video/mp4' })
    expect(interaction.locale).toBe('es-ES')
    const file = await fetch(interaction.options.getAttachment('clip', true).url)
    expect(Buffer.from(await file.arrayBuffer())).toEqual(CLIP.bytes)

    await interaction.editReply('a cat')
    await interaction.followUp({ content: 'for you alone', flags: MessageFlags.Ephemeral })

    expect(used.responseType).toBe(InteractionResponseType.DeferredChannelMessageWithSource)
    expect(used.acknowledgedAfterMs).toBeLessThan(3000)
    expect(used.messages.map(({ content }) => content)).toEqual(['a cat', 'for you alone'])
    expect(discord.messagesIn(general).map(({ content }) => content)).toEqual(['a cat'])
    expect(discord.messagesIn(general, ana).map(({ content }) => content)).toEqual(['a cat', 'for you alone'])
  })

  it('gets its follow-up in place of the loading message', async () => {
    const { used, interaction } = await ask()
    await interaction.deferReply()
    await interaction.followUp('a cat')
    expect(used.messages.map(({ content }) => content)).toEqual(['a cat'])
  })

  it('works in the DM with the bot', async () => {
    const { used, interaction } = await ask(ana, ana.dm)
    expect(interaction.guildId).toBeNull()
    await interaction.reply('a cat')
    expect((await used.answer()).content).toBe('a cat')
  })

  it('has failed when it is answered after three seconds', async () => {
    const { used, interaction } = await ask()
    discord.advance(3001)
    await expect(interaction.deferReply()).rejects.toMatchObject({ code: 10062, status: 404 })
    expect(used.failed).toBe(true)
  })

  it('takes one first answer only, and none of its token after a quarter of an hour', async () => {
    const { interaction } = await ask()
    await interaction.deferReply()
    const again = client.rest.post(`/interactions/${interaction.id}/${interaction.token}/callback`, {
      auth: false,
      body: { type: InteractionResponseType.ChannelMessageWithSource, data: { content: 'twice' } },
    })
    await expect(again).rejects.toMatchObject({ code: 40060 })
    discord.advance(15 * 60_000)
    await expect(interaction.editReply('late')).rejects.toMatchObject({ code: 50027 })
  })

  it('notifies users and nobody else when nothing is said', async () => {
    const { interaction } = await ask()
    await interaction.reply(`@everyone ${ana.mention}`)
    expect(discord.pings().map(({ kind }) => kind)).toEqual(['user'])
  })

  it('completes what is typed', async () => {
    const arrived = nextInteraction(client)
    const used = ana.completes(general, 'valley ask', 'question', 'wh')
    const interaction = await arrived
    if (!interaction.isAutocomplete()) throw new Error('It is no completion.')
    expect(interaction.options.getFocused()).toBe('wh')
    await interaction.respond([{ name: 'what is it?', value: 'what' }])
    expect(used.choices).toEqual([{ name: 'what is it?', value: 'what' }])
  })
})

describe('an app that only the person has installed', () => {
  it('answers in a guild where the bot is not, with five follow-ups', async () => {
    const elsewhere = discord.guild('Elsewhere', { withoutBot: true })
    const channel = elsewhere.channel()
    elsewhere.welcomes(ana)
    expect(() => ana.usesCommand(channel, 'valley ask', { question: 'x' })).toThrow('not installed')
    ana.installsApp()
    const { used, interaction } = await ask(ana, channel)
    await interaction.reply('a cat')
    for (const text of ['1', '2', '3', '4', '5']) await interaction.followUp(text)

    await expect(interaction.followUp('6')).rejects.toMatchObject({ code: 40094 })
    expect(used.messages).toHaveLength(6)
    await expect(client.channels.fetch(channel.id)).rejects.toMatchObject({ code: 50001 })
  })
})

describe('a command of a message menu', () => {
  it('arrives with the message in full', async () => {
    const post = ana.posts(general, 'look', { files: [CLIP] })
    const arrived = nextInteraction(client)
    const used = ana.usesContextMenu(post, 'Describe clip')
    const interaction = await arrived
    if (!interaction.isMessageContextMenuCommand()) throw new Error('It is no message command.')
    expect(interaction.targetMessage.content).toBe('look')
    expect(interaction.targetMessage.attachments.first()?.name).toBe('cat.mp4')
    await interaction.reply({ content: 'a cat', flags: MessageFlags.Ephemeral })
    expect((await used.answer()).content).toBe('a cat')
    expect(discord.botMessagesIn(general)).toEqual([])
  })
})

describe('a button', () => {
  const row = () =>
    new ActionRowBuilder<ButtonBuilder>().addComponents(
      new ButtonBuilder().setCustomId('more').setLabel('More detail').setStyle(ButtonStyle.Primary),
      new ButtonBuilder().setCustomId('stop').setLabel('Stop').setStyle(ButtonStyle.Danger).setDisabled(true),
    )

  async function postWithButtons() {
    const heard = nextMessage(client)
    ana.posts(general, 'hi')
    await (await heard).reply({ content: 'a cat', components: [row()] })
    return discord.botMessagesIn(general)[0]!
  }

  it('brings its message, which it can change', async () => {
    const message = await postWithButtons()
    const arrived = nextInteraction(client)
    const used = ana.presses(message, 'More detail')
    const interaction = await arrived
    if (!interaction.isButton()) throw new Error('It is no button.')
    expect(interaction.customId).toBe('more')
    expect(interaction.message.content).toBe('a cat')
    await interaction.deferUpdate()
    await interaction.editReply({ content: 'a black cat', components: [] })
    await interaction.followUp('asleep')

    expect(used.responseType).toBe(InteractionResponseType.DeferredMessageUpdate)
    expect(discord.botMessagesIn(general).map(({ content }) => content)).toEqual(['a black cat', 'asleep'])
    expect(discord.botMessagesIn(general)[0]?.components).toEqual([])
  })

  it('can be pressed only when it is there and enabled', async () => {
    const message = await postWithButtons()
    expect(() => ana.presses(message, 'Stop')).toThrow('disabled')
    expect(() => ana.presses(message, 'Forget')).toThrow('it has: More detail, Stop')
  })

  it('opens a form, which comes back filled in', async () => {
    const message = await postWithButtons()
    const pressed = nextInteraction(client)
    const used = ana.presses(message, 'more')
    const button = await pressed
    if (!button.isButton()) throw new Error('It is no button.')
    const input = new TextInputBuilder().setCustomId('why').setLabel('Why').setStyle(TextInputStyle.Short)
    const rows = new ActionRowBuilder<TextInputBuilder>().addComponents(input)
    await button.showModal(new ModalBuilder().setCustomId('form').setTitle('Tell more').addComponents(rows))

    const sent = nextInteraction(client)
    const submitted = ana.submitsModal(used, { why: 'because' })
    const form = await sent
    if (!form.isModalSubmit()) throw new Error('It is no form.')
    expect(form.fields.getTextInputValue('why')).toBe('because')
    await form.reply('thanks')
    expect((await submitted.answer()).content).toBe('thanks')
  })
})
