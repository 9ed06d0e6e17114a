<?php
/*
 * mods.php - the addresses of the first site (2006-2009), still linked from half of the forums.
 *
 *   mods.php?id=12          301, absolute
 *   mods.php?mod=12         302, path only
 *   mods.php?file=3         302, relative to this script
 *   mods.php?game=skyrim    303, absolute
 *   mods.php?cat=2          307, path only
 *   mods.php?view=12        a page that goes on by itself (Refresh)
 *   mods.php                301 to the home page
 */
require_once dirname(__FILE__) . '/inc/common.php';

function old_mod($name) {
    $mod = row("SELECT id, game_id, name FROM mods WHERE id = " . (int) $_GET[$name] . " AND status = 'published'");
    if (!$mod) {
        error_page(404, 'Mod not found', 'This mod of the old site was not moved to the new one, or it has been removed.');
    }
    return $mod;
}

if (isset($_GET['id'])) {
    redirect(mod_url(old_mod('id')), 301);
}
if (isset($_GET['mod'])) {
    redirect_relative(mod_url(old_mod('mod')), 302);
}
if (isset($_GET['file'])) {
    redirect_relative('download/' . (int) $_GET['file'], 302);
}
if (isset($_GET['game'])) {
    redirect('/' . (is_string($_GET['game']) ? urlencode($_GET['game']) : ''), 303);
}
if (isset($_GET['cat'])) {
    $category = row("SELECT c.id, g.domain FROM categories c JOIN games g ON g.id = c.game_id WHERE c.id = " . (int) $_GET['cat']);
    if (!$category) {
        error_page(404, 'Category not found', 'There is no such category.');
    }
    redirect_relative('/' . $category['domain'] . '?cat=' . $category['id'], 307);
}
if (isset($_GET['view'])) {
    $mod = old_mod('view');
    header('Refresh: 5; url=' . site_url(mod_url($mod)));
    page_header('This page has moved', array('noindex' => true));
    echo '<div class="box">' . "\n" . '<h1>This page has moved</h1>' . "\n";
    echo '<p>You will find <a href="' . mod_url($mod) . '">' . h(fix_utf8($mod['name'])) . '</a> at its new address. '
        . 'Your browser goes there by itself in five seconds.</p>' . "\n" . '</div>' . "\n";
    page_footer();
    exit;
}
redirect('/', 301);
