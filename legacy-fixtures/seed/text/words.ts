// The vocabulary of the site. Order matters: a changed list changes every generated row (see the committed hash).
export interface GameText {
  readonly domain: string
  readonly name: string
  readonly genre: string
  readonly released: string
  readonly places: readonly string[]
  readonly things: readonly string[]
  readonly creatures: readonly string[]
}

export const games: readonly GameText[] = [
  {
    domain: 'skyrim',
    name: 'Skyrim',
    genre: 'RPG',
    released: '2011-11-11',
    places: ['Whiterun', 'Riften', 'Solitude', 'Winterhold', 'Falkreath', 'the Reach', 'Blackreach', 'Markarth'],
    things: ['Armour', 'Dragons', 'Shouts', 'Spells', 'Carriages', 'Taverns', 'Standing Stones', 'Enchanting'],
    creatures: ['mudcrabs', 'draugr', 'giants', 'frost trolls', 'wolves', 'dragons'],
  },
  {
    domain: 'oblivion',
    name: 'Oblivion',
    genre: 'RPG',
    released: '2006-03-20',
    places: ['Anvil', 'Bruma', 'Cheydinhal', 'Chorrol', 'the Imperial City', 'Leyawiin', 'Skingrad', 'Bravil'],
    things: ['Horses', 'Gates', 'Alchemy', 'Faces', 'Guilds', 'Levelled Lists', 'Ayleid Ruins', 'Inns'],
    creatures: ['imps', 'clannfear', 'minotaurs', 'slaughterfish', 'ogres', 'daedroths'],
  },
  {
    domain: 'fallout3',
    name: 'Fallout 3',
    genre: 'Shooter RPG',
    released: '2008-10-28',
    places: ['Megaton', 'Rivet City', 'the Mall', 'Tenpenny Tower', 'Canterbury Commons', 'Vault 101', 'the Citadel'],
    things: ['Weapons', 'Power Armour', 'Radios', 'Vaults', 'Robots', 'Companions', 'Terminals', 'Stimpaks'],
    creatures: ['radroaches', 'super mutants', 'ghouls', 'yao guai', 'raiders', 'mirelurks'],
  },
  {
    domain: 'newvegas',
    name: 'Fallout: New Vegas',
    genre: 'Shooter RPG',
    released: '2010-10-19',
    places: ['Goodsprings', 'the Strip', 'Freeside', 'Primm', 'Novac', 'Hoover Dam', 'Jacobstown', 'the Divide'],
    things: ['Revolvers', 'Casinos', 'Factions', 'Casino Chips', 'Scopes', 'Ammo Types', 'Hardcore Needs', 'Bounties'],
    creatures: ['cazadores', 'geckos', 'deathclaws', 'bighorners', 'fiends', 'radscorpions'],
  },
  {
    domain: 'witcher',
    name: 'The Witcher',
    genre: 'Action RPG',
    released: '2007-10-26',
    places: ['Vizima', 'the Outskirts', 'Flotsam', 'Kaer Morhen', 'the Swamp', 'Murky Waters', 'Vergen'],
    things: ['Signs', 'Silver Swords', 'Potions', 'Dice Poker', 'Monster Trophies', 'Cloaks', 'Inventory Screens'],
    creatures: ['drowners', 'ghouls', 'nekkers', 'alghouls', 'kikimores', 'bandits'],
  },
  {
    domain: 'stalker',
    name: 'S.T.A.L.K.E.R.',
    genre: 'Shooter',
    released: '2007-03-20',
    places: ['Cordon', 'the Garbage', 'Yantar', 'the Red Forest', 'Pripyat', 'Limansk', 'Zaton', 'Jupiter'],
    things: ['Artefacts', 'Anomalies', 'Rifles', 'Suits', 'Emissions', 'Campfires', 'Detectors', 'Stashes'],
    creatures: ['bloodsuckers', 'blind dogs', 'boars', 'snorks', 'controllers', 'fleshes'],
  },
  {
    domain: 'morrowind',
    name: 'Morrowind',
    genre: 'RPG',
    released: '2002-05-01',
    places: ['Balmora', 'Vivec', 'Ald-ruhn', 'Seyda Neen', 'Sadrith Mora', 'Tel Fyr', 'Red Mountain', 'Molag Mar'],
    things: ['Robes', 'Propylons', 'Silt Striders', 'Kwama Mines', 'Books', 'Strongholds', 'Heads', 'Ash Storms'],
    creatures: ['cliff racers', 'guars', 'netches', 'nix-hounds', 'kagouti', 'alits'],
  },
  {
    domain: 'minecraft',
    name: 'Minecraft',
    genre: 'Sandbox',
    released: '2011-11-18',
    places: ['the Nether', 'the End', 'Villages', 'Mineshafts', 'Oceans', 'Jungles', 'Mushroom Islands', 'Strongholds'],
    things: ['Blocks', 'Biomes', 'Pickaxes', 'Redstone', 'Minecarts', 'Textures', 'Furnaces', 'Maps'],
    creatures: ['creepers', 'zombies', 'endermen', 'squids', 'skeletons', 'slimes'],
  },
]

// Every game has the same shelf; the children of 'Models and Textures' come last. parent_id 0 means none.
export const categoryNames: readonly string[] = [
  'Armour',
  'Audio - Music',
  'Audio - Voice',
  'Bug Fixes',
  'Gameplay Changes',
  'Immersion',
  'Locations - New',
  'NPCs',
  'Quests & Adventures',
  'User Interface',
  'Utilities',
  'Models and Textures',
  'Textures (HD)',
  'Lighting “ENB”',
]

// biome-ignore format: one word a line would be three pages
export const adjectives: readonly string[] = [
  'Better', 'Immersive', 'Enhanced', 'Realistic', 'Simple', 'Ultimate', 'Lost', 'Forgotten', 'Ancient', 'Dynamic',
  'Alternate', 'Complete', 'Hardcore', 'Cosy', 'Living', 'Darker', 'Improved', 'Unofficial', 'Unique',
  'Lore Friendly', 'Wet & Cold', 'Quieter', 'Rebalanced', 'Deadly', 'High-Res', 'Vanilla', 'Expanded', 'Hidden',
  'Proper', 'Static',
]

// biome-ignore format: one word a line would be three pages
export const suffixes: readonly string[] = [
  'Overhaul', 'Redux', 'Reborn', 'Revisited', 'Retexture', 'Fix', 'Patch', 'Expansion', 'Lite', 'HD', 'Remastered',
  'Collection', 'Tweaks', 'Framework', 'Extended', 'Project', 'Restored', 'Replacer', 'Plus', 'Deluxe',
]

// biome-ignore format: one word a line would be three pages
export const nameFronts: readonly string[] = [
  'Shadow', 'Iron', 'Storm', 'Frost', 'Silver', 'Night', 'Raven', 'Ember', 'Stone', 'Moon', 'Rusty', 'Lazy', 'Grim',
  'Velvet', 'Copper', 'Arcane', 'Wander', 'Hollow', 'Crimson', 'Dusty', 'Quiet', 'Pixel', 'Thorn', 'Ash', 'Old',
  'Merry', 'Blind', 'Proud', 'Salty', 'Clever', 'Broken', 'Golden', 'Lunar', 'Misty', 'Noble', 'Odd', 'Pale',
]

// biome-ignore format: one word a line would be three pages
export const nameBacks: readonly string[] = [
  'wolf', 'blade', 'smith', 'mage', 'crab', 'walker', 'born', 'heart', 'hammer', 'fox', 'guard', 'singer', 'modder',
  'owl', 'thief', 'knight', 'scholar', 'hunter', 'badger', 'baker', 'wright', 'brew', 'seeker', 'beard', 'sword',
  'bard', 'goat', 'weaver', 'scribe', 'tinker', 'otter', 'sprite', 'keeper', 'runner', 'warden', 'turtle', 'witch',
  'lantern', 'anvil', 'pilgrim', 'jester',
]

// biome-ignore format: one word a line would be three pages
export const countries: readonly string[] = [
  'GB', 'US', 'US', 'US', 'DE', 'DE', 'FR', 'PL', 'RU', 'NL', 'SE', 'CA', 'AU', 'BR', 'ES', 'IT', 'CZ', 'JP', '',
  'FI',
]

// Unique for MySQL too, whose collation folds case, accents and trailing spaces: the traps are marked in traps.ts.
// biome-ignore format: one word a line would be three pages
export const tags: readonly string[] = [
  'Lore Friendly', 'HD', 'Armour', 'Weapons', 'Quest', 'Fun', 'Cheat', 'Texture', 'Mesh', 'Sound', 'Music', 'UI',
  'Bug Fix', 'Performance', 'Script', 'Follower', 'House', 'Dungeon', 'Magic', 'Stealth', 'Combat', 'Weather',
  'Lighting', 'Horror', 'Humour', 'Translation', 'Resource', 'Overhaul', 'Small', 'Huge', 'Survival', 'Animals',
  'Hair', 'Faces', 'Town', 'Castle', 'Crafting', 'Economy', 'Map', 'Tool', 'Voice Acted', 'Beta', 'Abandoned',
  'Classic', 'Seasonal', 'Naïve', 'Café', 'C++', 'R&D <wip>', '日本語', 'Русский', 'עברית', '0', 'Co-op ', '🐉',
]
