<?php
/*
 * sitemap.php            also /sitemap.xml         index of the sitemaps
 * sitemap.php?part=0     also /sitemap.xml?part=0  the fixed pages and the games
 * sitemap.php?part=N     also /sitemap.xml?part=N  the mods, by ranges of numbers
 */
require 'inc/conditional.php';
without_session();
require 'inc/common.php';

define('SITEMAP_MODS', 5000);
define('SITEMAP_EPOCH', 1149120000);   // 2006-06-01

function location($tag, $path, $updated = '')
{
    $time = strtotime("$updated UTC");
    $xml = "<$tag><loc>" . htmlspecialchars(site_url($path), ENT_QUOTES | ENT_XML1, 'UTF-8') . '</loc>';
    if ($updated !== '' && $time > 0) {
        $xml .= '<lastmod>' . gmdate('Y-m-d\TH:i:s+00:00', $time) . '</lastmod>';
    }
    return "$xml</$tag>\n";
}

function send_sitemap($root, $locations, $updated)
{
    $time = strtotime("$updated UTC");
    $xml = '<?xml version="1.0" encoding="UTF-8"?>' . "\n"
        . "<$root xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n$locations</$root>\n";
    send_conditional('application/xml; charset=utf-8', $xml, $updated && $time > 0 ? $time : SITEMAP_EPOCH, 3600);
}

function sitemap_index()
{
    $xml = location('sitemap', '/sitemap.xml?part=0');
    $parts = (int) ceil((int) val("SELECT MAX(id) FROM mods") / SITEMAP_MODS);
    for ($n = 1; $n <= $parts; $n++) {
        $xml .= location('sitemap', "/sitemap.xml?part=$n");
    }
    send_sitemap('sitemapindex', $xml, (string) val("SELECT MAX(updated) FROM mods"));
}

function sitemap_pages()
{
    $xml = '';
    foreach (array('/', '/search', '/news', '/contact', '/login', '/register') as $path) {
        $xml .= location('url', $path);
    }
    foreach (rows("SELECT domain FROM games WHERE active = 1 ORDER BY `order`, id") as $game) {
        $xml .= location('url', "/{$game['domain']}");
    }
    send_sitemap('urlset', $xml, '');
}

function sitemap_mods($n)
{
    $from = ($n - 1) * SITEMAP_MODS + 1;
    $to = $n * SITEMAP_MODS;
    $xml = '';
    $updated = '';
    foreach (rows("SELECT m.id, m.updated, g.domain FROM mods m, games g
                    WHERE m.id BETWEEN $from AND $to AND m.status = 'published' AND g.id = m.game_id ORDER BY m.id") as $mod) {
        $xml .= location('url', "/{$mod['domain']}/mods/{$mod['id']}", $mod['updated']);
        $updated = max($updated, $mod['updated']);
    }
    if ($xml === '') {
        send_not_found();
    }
    send_sitemap('urlset', $xml, $updated);
}

if (!isset($_GET['part'])) {
    sitemap_index();
}
if (!is_string($_GET['part']) || !preg_match('/^(0|[1-9][0-9]{0,5})$/', $_GET['part'])) {
    send_not_found();
}
if ($_GET['part'] === '0') {
    sitemap_pages();
}
sitemap_mods((int) $_GET['part']);
