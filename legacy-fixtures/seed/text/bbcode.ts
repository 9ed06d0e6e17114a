import type { Random } from '../random.ts'
import type { GameText } from './words.ts'

export interface DescriptionSubject {
  readonly id: number
  readonly name: string
  readonly author: string
  readonly game: GameText
}

// A mod's description as its author typed it: BBCode, sometimes nested, now and then never closed.
export function writeDescription(random: Random, subject: DescriptionSubject): string {
  let text = heading(random, subject)
  text += `${sentences(random, subject, random.between(3, 6))}\n\n`
  if (random.chance(0.7)) text += features(random, subject)
  if (random.chance(0.5)) text += installation(random, subject)
  if (random.chance(0.35)) text += quote(random, subject)
  if (random.chance(0.3)) text += image(random, subject)
  if (random.chance(0.12)) text += `[youtube]${random.pick(videos)}[/youtube]\n\n`
  if (random.chance(0.45)) text += credits(random, subject)
  if (random.chance(0.04)) text += random.pick(unclosed)
  return text
}

export function sentences(random: Random, subject: DescriptionSubject, count: number): string {
  let text = ''
  for (let index = 0; index < count; index++) text += (index === 0 ? '' : ' ') + sentence(random, subject)
  return text
}

export function sentence(random: Random, { game }: DescriptionSubject): string {
  const draw = random.below(24)
  switch (draw) {
    case 0:
      return `I always found that ${random.pick(game.places)} feels empty, so I filled it.`
    case 1:
      return `The ${random.pick(game.creatures)} around ${random.pick(game.places)} now behave as they should have from the start.`
    case 2:
      return `No new scripts run in the background; it is safe to add to a running game.`
    case 3:
      return `${random.pick(game.things)} are placed by hand, one by one, in ${random.pick(game.places)}.`
    case 4:
      return `Works with most other mods that touch ${random.pick(game.things).toLowerCase()}, as long as this one loads last.`
    case 5:
      return `Expect between ${random.between(2, 6)} and ${random.between(7, 20)} hours of play.`
    case 6:
      return `[i]“You have not seen ${random.pick(game.places)} until you have seen it at dusk.”[/i]`
    case 7:
      return `The textures are ${random.pick(['1024x1024', '2048x2048', '512x512'])} and cost about ${random.between(1, 9)} frames on my old machine.`
    case 8:
      return `If your ${random.pick(game.creatures)} turn [color=#c0392b]bright red[/color], you have forgotten the patch.`
    case 9:
      return `Please report bugs in the comments, with your load order & version!`
    case 10:
      return `Yes, I know about the ${random.pick(game.creatures)}. No, it's not "intended" :)`
    case 11:
      return `It began as a bet with a friend in ${random.between(2005, 2013)} and got a little out of hand.`
    case 12:
      return `[b]Important:[/b] unpack it into the data folder, do not let the installer guess.`
    case 13:
      return `You'll find the first clue in ${random.pick(game.places)}, under the stairs.`
    case 14:
      return `Voice acting by ${random.between(2, 14)} volunteers, thank you all.`
    case 15:
      return `Prices are ${random.between(10, 95)}% lower, weights are > 0 again and 5 < 6 holds everywhere.`
    case 16:
      return `See [url=/${game.domain}/mods/${random.between(1, 100)}]the other one[/url] for ${random.pick(game.things).toLowerCase()}.`
    case 17:
      return `This does [u]not[/u] change ${random.pick(game.things).toLowerCase()}, whatever you may have read.`
    case 18:
      return `Made for ${game.name}, tested in ${random.pick(game.places)} and nowhere else.`
    case 19:
      return `[s]The next version comes on Friday.[/s] The next version comes when it is done.`
    case 20:
      return `Everything is configurable in the .ini file; the defaults are what I play with.`
    case 21:
      return `Ein Dankeschön an die Übersetzer, and a café crème for Zoë.`
    case 22:
      return `The idea is from a thread that has been gone since the old forum closed.`
    default:
      return `Uninstalling is easy: leave ${random.pick(game.places)}, save, remove the files, load.`
  }
}

// --- internal ---

const videos = ['dQw4w9WgXcQ', 'JSRtYpNRoN0', 'PjqsYzBrP-M', 'OqPxaKs8xrk']
const unclosed = [
  '[b]And remember to endorse!',
  '[quote]It works on my machine.',
  '[list][*]todo: finish this list',
  '[color=red][b]WIP[/color]',
  '[url=/register]sign up',
  '[/center] thanks for reading [/b]',
]
const headingColours = ['#8b6f3a', 'orange', '#3A6EA5', 'darkgreen']

function heading(random: Random, { name }: DescriptionSubject): string {
  if (random.chance(0.3)) return `[center][size=5][b]${name}[/b][/size][/center]\n`
  if (random.chance(0.3)) return `[size=4][color=${random.pick(headingColours)}]${name}[/color][/size]\n`
  return ''
}

function features(random: Random, subject: DescriptionSubject): string {
  const { game } = subject
  let text = '[b]Features[/b]\n[list]\n'
  for (let left = random.between(2, 5); left > 0; left--) {
    text += `[*]${random.between(2, 60)} new ${random.pick(game.things).toLowerCase()} in ${random.pick(game.places)}\n`
  }
  if (random.chance(0.2)) text += '[*]Options:[list][*][i]light[/i][*][i]heavy[/i] [b](recommended)[/b][/list]\n'
  return `${text}[/list]\n`
}

function installation(random: Random, subject: DescriptionSubject): string {
  let text = '[b][u]Installation[/u][/b]\n[list=1]\n[*]Download the main file.\n[*]Unpack it.\n'
  if (random.chance(0.5)) text += `[*]Activate [code]mod_${subject.id}.esp[/code]\n`
  return `${text}[/list]\n`
}

function quote(random: Random, subject: DescriptionSubject): string {
  const inner = random.chance(0.3) ? `[quote=${subject.author}]Does it work?[/quote]` : ''
  return `[quote="${random.pick(['alice', 'bob', 'Dovah'])}"]${inner}${sentence(random, subject)}[/quote]\n`
}

function image(random: Random, { id, game }: DescriptionSubject): string {
  if (random.chance(0.3)) return `[url=/${game.domain}/mods/${id}][img]/img/banner.png[/img][/url]\n\n`
  return '[img]/img/divider.png[/img]\n\n'
}

function credits(random: Random, subject: DescriptionSubject): string {
  const thread = random.between(1000, 99999)
  const link = random.chance(0.5)
    ? `[url=http://forums.example.net/showthread.php?t=${thread}&page=2]the old thread[/url]`
    : `[url]http://www.example.org/~${subject.id}/index.html[/url]`
  return `[size=2]Credits: ${subject.author}, and everybody in ${link}.[/size]\n`
}
