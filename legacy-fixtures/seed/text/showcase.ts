// Descriptions that no generator would think of.
const lorem =
  'The carriage leaves Whiterun at dawn & arrives “eventually”; bring a cloak, two apples and a book you have not read. '

export const showcase = {
  everything: `[center][size=6][b]The Showcase[/b][/size][/center]
[b]Bold[/b], [i]italic[/i], [u]underlined[/u], [s]struck[/s], [b][i]both[/i][/b], [color=#c0392b]red[/color] and [color=green]green[/color].

[quote="alice"]I would not leave the house without it.[quote=bob]Nor would I.[/quote]Told you.[/quote]

[list]
[*]swords
[*]shields
[list=1]
[*]round
[*][b]square[/b]
[/list]
[*]soup
[/list]

[url=/skyrim/mods/1]a relative link[/url], [url=http://www.example.org/a?b=1&c=2]a link with query[/url], [url]http://www.example.net/[/url] and [url=/users/2][b]a bold one[/b][/url].

[img]/img/banner.png[/img]
[youtube]dQw4w9WgXcQ[/youtube]
[code]if (a < b && b > "c") { [b]not bold here[/b] }[/code]
[spoiler]The dragon did it.[/spoiler]
[size=2]Small print: 5 < 6, R&D, "quotes", it's fine.[/size]
Smileys :) ;) :D and an unknown [blink]tag[/blink].`,
  unclosed:
    '[b]Bold without end [i]and italic\n[list][*]one\n[*]two [url=/login]log in\n[quote=bob]said [color=red]he[/quote][/size]',
  deep: `${'[quote=bob]'.repeat(40)}the bottom${'[/quote]'.repeat(40)}${'[b][i]'.repeat(30)}x${'[/i][/b]'.repeat(30)}`,
  long: `[b]The complete story[/b]\n${lorem.repeat(700)}`,
  injection: `<script>alert('xss')</script> [url=javascript:alert(1)]click[/url] [img]javascript:alert(2)[/img] [color=red" onmouseover="alert(3)]hover[/color] [url=http://www.example.org/"onclick="alert(4)]quote[/url] <?php echo 1; ?> {{template}} %s %00 \${x}`,
  fullSummary: `${lorem.repeat(4).slice(0, 348)}üé`,
}
