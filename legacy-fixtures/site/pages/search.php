<?php
/*
 * Search: /search?q=dragon armour&game=skyrim&p=2
 * MySQL's full text index knows only words of three letters and more and leaves out words like "the",
 * so short words go to LIKE, and so does a search that found nothing.
 */
$q = isset($_GET['q']) && is_string($_GET['q']) ? trim($_GET['q']) : '';
if (!preg_match('//u', $q)) {
    $q = '';
}
$q = substr($q, 0, 200);
while ($q !== '' && !preg_match('//u', $q)) {
    $q = substr($q, 0, -1);             // cut inside a character
}
$domain = isset($_GET['game']) && is_string($_GET['game']) ? $_GET['game'] : '';
$where = "m.status = 'published'";
foreach (games() as $g) {
    if ($g['domain'] === $domain) {
        $where .= ' AND m.game_id = ' . $g['id'];
    }
}

$total = 0;
$how = '';
$mods = array();
$page = 1;
if ($q !== '') {
    $match = '';
    if (longest_word($q) >= 3) {
        $match = "MATCH(m.name, m.summary) AGAINST('" . esc($q) . "')";
        $how = 'words';
        $total = (int) val("SELECT COUNT(*) FROM mods m WHERE $where AND $match");
    }
    if ($total == 0) {
        $how = 'text';
        $like = "'%" . esc(addcslashes($q, '%_\\')) . "%'";
        $match = "(m.name LIKE $like OR m.summary LIKE $like)";
        $total = (int) val("SELECT COUNT(*) FROM (SELECT m.id FROM mods m WHERE $where AND $match LIMIT 1000) found");
    }
    $page = page_number(isset($_GET['p']) ? $_GET['p'] : 1, $total, MODS_PER_PAGE);
    $order = $how == 'words' ? "$match DESC, m.id DESC" : 'm.endorsement_count DESC, m.id DESC';
    $mods = rows("SELECT " . mod_columns() . " FROM mods m LEFT JOIN users u ON u.id = m.user_id WHERE $where AND $match
        ORDER BY $order LIMIT " . (($page - 1) * MODS_PER_PAGE) . ", " . MODS_PER_PAGE);
}

page_header($q === '' ? 'Search' : 'Search: ' . $q, array('class' => 'search', 'noindex' => true));
?>
<div class="box">
<h1>Search</h1>
<form action="/search" method="get">
<p><label for="f-q">Words</label> <input type="text" id="f-q" name="q" size="40" maxlength="80" value="<?php echo h($q); ?>" />
<label for="f-game">in</label> <select id="f-game" name="game">
<option value="">all games</option>
<?php foreach (games() as $g) { if (!$g['active']) continue; ?>
<option value="<?php echo $g['domain']; ?>"<?php if ($g['domain'] === $domain) { ?> selected="selected"<?php } ?>><?php echo h($g['name']); ?></option>
<?php } ?>
</select>
<input type="submit" value="Search" /></p>
</form>
</div>
<?php if ($q !== '') { ?>
<div class="box">
<h2><?php echo $total == 0 ? 'Nothing found' : ($total == 1 ? 'One mod' : format_count($total) . ($how == 'text' && $total == 1000 ? ' mods or more' : ' mods')); ?></h2>
<?php if ($total == 0) { ?>
<p>No mod has <strong><?php echo h($q); ?></strong> in its name or summary. Try fewer or other words.</p>
<?php } ?>
<?php mod_list($mods); ?>
<?php echo paginate($total, MODS_PER_PAGE, $page, '/search?q=' . urlencode($q) . '&game=' . urlencode($domain) . '&p={page}'); ?>
</div>
<?php } ?>
<?php
page_footer();

/* length in characters of the longest word */
function longest_word($q) {
    $longest = 0;
    preg_match_all('/[\p{L}\p{N}_]+/u', $q, $m);
    foreach ($m[0] as $word) {
        $longest = max($longest, preg_match_all('/./us', $word));
    }
    return $longest;
}
