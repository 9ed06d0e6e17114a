<?php
/*
 * The mods of one game: index.php?page=game&game=skyrim or /skyrim
 *   sort=latest|endorsed|downloads|name|updated   is remembered in a cookie
 *   cat=2    one category and those below it
 *   p=3      page
 */
$domain = isset($_GET['game']) && is_string($_GET['game']) ? $_GET['game'] : '';
$game = null;
foreach (games() as $g) {
    if ($g['domain'] === $domain) {
        $game = $g;
    }
}
if (!$game) {
    error_page(404, 'Page not found', 'There is no game called <code>' . h($domain) . '</code> on this site.');
}

$sorts = array(
    'latest' => array('Latest', 'm.published DESC, m.id DESC'),
    'endorsed' => array('Most endorsed', 'm.endorsement_count DESC, m.id DESC'),
    'downloads' => array('Most downloaded', 'm.download_count DESC, m.id DESC'),
    'updated' => array('Last updated', 'm.updated DESC, m.id DESC'),
    'name' => array('Name', 'm.name, m.id'),
);
$sort = 'latest';
if (isset($_COOKIE['MVSORT']) && is_string($_COOKIE['MVSORT']) && isset($sorts[$_COOKIE['MVSORT']])) {
    $sort = $_COOKIE['MVSORT'];
}
if (isset($_GET['sort']) && is_string($_GET['sort']) && isset($sorts[$_GET['sort']])) {
    $sort = $_GET['sort'];
    // the cookie of 2008 was for one game only, and some browsers still have it, so set both
    header('Set-Cookie: MVSORT=' . $sort . '; path=/' . $game['domain'] . '; expires=Thu, 31-Dec-2037 23:55:55 GMT', false);
    header('Set-Cookie: MVSORT=' . $sort . '; path=/; expires=Thu, 31-Dec-2037 23:55:55 GMT', false);
}

$categories = rows("SELECT id, parent_id, name FROM categories WHERE game_id = " . $game['id'] . " ORDER BY name, id");
$category = null;
$where = "m.game_id = " . $game['id'] . " AND m.status = 'published'";
foreach ($categories as $c) {
    if (isset($_GET['cat']) && $c['id'] == (int) $_GET['cat']) {
        $category = $c;
    }
}
if ($category) {
    $ids = array($category['id']);
    foreach ($categories as $c) {
        if ($c['parent_id'] == $category['id']) {
            $ids[] = $c['id'];
        }
    }
    $where .= ' AND m.category_id IN (' . implode(', ', $ids) . ')';
}
$total = (int) val("SELECT COUNT(*) FROM mods m WHERE $where");
$page = page_number(isset($_GET['p']) ? $_GET['p'] : 1, $total, MODS_PER_PAGE);
$mods = rows("SELECT " . mod_columns() . " FROM mods m LEFT JOIN users u ON u.id = m.user_id WHERE $where
    ORDER BY " . $sorts[$sort][1] . " LIMIT " . (($page - 1) * MODS_PER_PAGE) . ", " . MODS_PER_PAGE);

$url = '/' . $game['domain'];
$in_category = $category ? '&cat=' . $category['id'] : '';
page_header($game['name'] . ' mods', array(
    'class' => 'game withside',
    'game' => $game,
    'crumbs' => array(array('/games', 'All games')),
    'canonical' => $category ? $url . '?cat=' . $category['id'] : $url,
));
?>
<div class="left">
<div id="game-head" class="box">
<img src="/img/games/<?php echo $game['domain']; ?>.png" width="194" height="100" alt="" />
<h1><?php echo h($game['name']); ?></h1>
<p><?php echo h($game['genre']); ?><br />Released <?php echo format_date($game['released']); ?><br /><?php echo count_of($game['mod_count'], 'mod'); ?></p>
</div>
<div class="box">
<h2>Categories</h2>
<ul class="cats">
<li><?php if ($category) { ?><a href="<?php echo $url; ?>">All</a><?php } else { ?><strong>All</strong><?php } ?></li>
<?php foreach (category_tree($categories) as $c) { ?>
<li<?php if ($c['parent_id'] != 0) { ?> class="sub"<?php } ?>><?php if ($category && $c['id'] == $category['id']) { ?><strong><?php echo h($c['name']); ?></strong><?php } else { ?><a href="<?php echo $url; ?>?cat=<?php echo $c['id']; ?>"><?php echo h($c['name']); ?></a><?php } ?></li>
<?php } ?>
</ul>
</div>
<p><a href="/rss.xml?game=<?php echo $game['domain']; ?>">RSS feed of this game</a></p>
</div>
<div class="right">
<div class="box">
<p class="sorts">Sort by: <?php
$links = array();
foreach ($sorts as $key => $s) {
    $links[] = $key == $sort ? '<strong>' . $s[0] . '</strong>' : '<a href="' . h($url . '?sort=' . $key . $in_category) . '">' . $s[0] . '</a>';
}
echo implode(' | ', $links);
?></p>
<h2><?php echo $category ? h($category['name']) : 'All mods'; ?> (<?php echo format_count($total); ?>)</h2>
<?php if (!$mods) { ?>
<p>There is nothing here yet. <a href="/upload">Upload the first mod.</a></p>
<?php } ?>
<?php mod_list($mods, false); ?>
<?php echo paginate($total, MODS_PER_PAGE, $page, $url . '?sort=' . $sort . $in_category . '&p={page}'); ?>
</div>
</div>
<?php
page_footer();

/* parents, each followed by its children; a child whose parent is gone comes last */
function category_tree($categories) {
    $tree = array();
    $done = array();
    foreach ($categories as $c) {
        if ($c['parent_id'] != 0) {
            continue;
        }
        $tree[] = $c;
        foreach ($categories as $child) {
            if ($child['parent_id'] == $c['id']) {
                $tree[] = $child;
                $done[$child['id']] = true;
            }
        }
    }
    foreach ($categories as $c) {
        if ($c['parent_id'] != 0 && !isset($done[$c['id']])) {
            $tree[] = $c;
        }
    }
    return $tree;
}
