<?php
// Statistics. The oldest page that is left (2006), nobody dares to touch it.
// Saved as Windows-1252, says iso-8859-1, and reads the database that way.
require_once dirname(__FILE__) . '/inc/common.php';
mysqli_set_charset(db(), 'latin1');
header('Content-Type: text/html; charset=iso-8859-1');

$days = (int) $_GET['days'];            // warns when it is not there
if ($days < 1 or $days > 365) $days = 30;

$last = val("SELECT MAX(day) FROM daily_stats");
$games = rows("SELECT g.name, g.domain, g.mod_count, SUM(d.downloads) AS downloads, SUM(d.uniques) AS uniques, AVG(d.ratio) AS ratio
  FROM games g LEFT JOIN daily_stats d ON d.game_id = g.id AND d.day > DATE_SUB('" . esc($last) . "', INTERVAL $days DAY)
  WHERE g.active = 1 GROUP BY g.id ORDER BY g.`order`, g.id");
$top = rows("SELECT id, username, mod_count, karma FROM users ORDER BY mod_count DESC, id LIMIT 10");
$max = 0;
foreach ($games as $g) { if ($g['downloads'] > $max) $max = $g['downloads']; }
?>
<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01 Transitional//EN" "http://www.w3.org/TR/html4/loose.dtd">
<html lang="en">
<head>
<title>ModVault – Statistics</title>
<meta http-equiv="Content-Type" content="text/html; charset=iso-8859-1">
<style type="text/css">
body { background: #FFFFFF; font-family: Verdana, "DejaVu Sans", Arial, sans-serif; font-size: 12px; color: #333333; margin: 20px; }
a { color: #A84A0E; }
h1 { font-size: 18px; color: #C8641B; }
h2 { font-size: 14px; }
table { border-collapse: collapse; }
th, td { border: 1px solid #CCCCCC; padding: 3px 8px; text-align: left; }
th { background: #EEEEEE; }
td.n { text-align: right; }
td.bar div { background: #C8641B; height: 12px; }
</style>
</head>
<body>
<?php echo $top_banner; ?>
<p><a href="/">« Back to ModVault</a></p>
<h1>Statistics – “the numbers”</h1>
<p>Downloads of the last <?php echo $days; ?> days up to <?php echo format_date($last); ?>. They cost us about 300 € a month…
that’s why there are (were) ads.</p>
<table summary="Downloads by game">
<tr><th>Game</th><th>Mods</th><th>Downloads</th><th>Unique</th><th>Ratio</th><th>&nbsp;</th></tr>
<?php
foreach ($games as $g) {
  echo '<tr><td><a href="/' . $g['domain'] . '">' . htmlspecialchars($g['name'], ENT_QUOTES, 'ISO-8859-1') . '</a></td>';
  echo '<td class="n">' . format_count($g['mod_count']) . '</td><td class="n">' . format_count($g['downloads']) . '</td>';
  echo '<td class="n">' . format_count($g['uniques']) . '</td><td class="n">' . sprintf('%.2f', $g['ratio']) . '</td>';
  echo '<td class="bar"><div style="width: ' . ($max > 0 ? (int) floor($g['downloads'] * 200 / $max) : 0) . 'px"></div></td></tr>' . "\n";
}
?>
</table>
<h2>Busiest authors</h2>
<ol>
<?php
foreach ($top as $t) {
  echo '<li><a href="/users/' . $t['id'] . '">' . htmlspecialchars($t['username'], ENT_QUOTES, 'ISO-8859-1') . '</a> – ' . format_count($t['mod_count']) . " mods</li>\n";
}
?>
</ol>
<p>Counter: <?php echo $settings['counter']; ?> visitors since 2006. Design by “Frëd”, © 2006.</p>
</body>
</html>
