/** Pages to read, as a dump of another wiki would bring them. */
export function pagesToImport(): string {
  const pages = Array.from({ length: 40 }, (_, index) => page(index + 1))
  const others = [
    entry('Template:Box', "<div class=\"box\">'''{{{1|nothing}}}''' {{#if:{{{2|}}}|and {{{2}}}}}</div>", 1),
    entry('Category:Trees', 'About [[Category:Everything|trees]].', 2),
    entry('Help:Contents', '== Help ==\n{{Box|help|more}}', 3),
    entry('Talk:Page 1', '== A question ==\nIs it? ~~~~', 4),
    entry('Umleitung', '#REDIRECT [[Page 2]]', 5),
    entry('Ünïcode ☃/sub page', 'Text with ünïcode: 日本語, עברית, 🌲.', 6),
  ]
  return `<mediawiki xmlns="http://www.mediawiki.org/xml/export-0.11/" version="0.11" xml:lang="en">
${[...pages, ...others].join('\n')}
</mediawiki>
`
}

// --- internal ---

function page(number: number): string {
  const text = `{{Box|page ${number}|links}}
This is '''page ${number}''', after [[Page ${number - 1}]] and before [[Page ${number + 1}|the next]].<ref>A note ${number}.</ref>
== Section one ==
{| class="wikitable sortable"
! Number !! Square
|-
| ${number} || ${number * number}
|}
${`A line of text about number ${number}. `.repeat(number * 5)}
== Section two ==
* [[Ünïcode ☃/sub page]], [[Umleitung]], [[Missing ${number}]], [http://elsewhere.example/?a=1&b=2 elsewhere]
<nowiki>[[not a link]]</nowiki> <code>a < b</code> [[File:Missing.png|thumb|none]]
<references/>
[[Category:Trees]][[Category:Number ${number % 5}]]`
  return entry(`Page ${number}`, text, number + 10)
}

function entry(title: string, text: string, day: number): string {
  const minutes = String(day).padStart(2, '0')
  const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
  const revisions = [1, 2].map(
    (version) => `    <revision>
      <timestamp>2024-05-0${version}T10:${minutes}:00Z</timestamp>
      <contributor><username>Writer ${(day % 3) + 1}</username></contributor>
      <comment>Version ${version} of ${title}</comment>
      <model>wikitext</model><format>text/x-wiki</format>
      <text xml:space="preserve">${version === 1 ? 'First words.' : escaped}</text>
    </revision>`,
  )
  return `  <page>
    <title>${title}</title>
${revisions.join('\n')}
  </page>`
}
