<?php
/*
 * rss.php (also /rss.xml) - RSS 2.0: the latest mods
 *   ?game=DOMAIN      of one game
 *   ?feed=updated     lately updated instead of lately added
 *   ?feed=news        the site's news
 */
require 'inc/conditional.php';
without_session();
require 'inc/common.php';

define('RSS_ITEMS', 20);

// text of an XML element: what XML 1.0 forbids (NUL and friends) is left out
function xml($text)
{
    $text = preg_replace('/[^\x{9}\x{A}\x{D}\x{20}-\x{D7FF}\x{E000}-\x{FFFD}\x{10000}-\x{10FFFF}]/u', '', scrub_utf8($text));
    return htmlspecialchars($text, ENT_QUOTES | ENT_XML1, 'UTF-8');
}

function scrub_utf8($text)
{
    return htmlspecialchars_decode(htmlspecialchars($text, ENT_QUOTES | ENT_SUBSTITUTE, 'UTF-8'), ENT_QUOTES);
}

function rss_time($datetime)
{
    $time = strtotime((string) $datetime);
    return $time > 0 ? $time : 0;
}

function rss_date($time)
{
    return $time ? '<pubDate>' . date('r', $time) . '</pubDate>' : '';
}

function rss_item($item)
{
    return "<item>\n"
        . '<title>' . xml($item['title']) . "</title>\n"
        . '<link>' . xml($item['link']) . "</link>\n"
        . '<guid isPermaLink="' . ($item['guid'] === $item['link'] ? 'true' : 'false') . '">' . xml($item['guid']) . "</guid>\n"
        . '<description>' . xml($item['text']) . "</description>\n"
        . ($item['author'] === '' ? '' : '<dc:creator>' . xml($item['author']) . "</dc:creator>\n")
        . ($item['category'] === '' ? '' : '<category>' . xml($item['category']) . "</category>\n")
        . rss_date($item['time'])
        . "\n</item>\n";
}

function mod_items($game, $updated)
{
    $where = $game ? "AND m.game_id = {$game['id']}" : '';
    // imported mods have no date: by number, which is the order they came in
    $order = $updated ? 'm.updated DESC, m.id DESC' : ($game ? 'm.published DESC, m.id DESC' : 'm.id DESC');
    $mods = rows("SELECT m.id, m.name, m.summary, m.version, m.published, m.updated, u.username, g.domain, g.name AS game_name
                    FROM mods m JOIN games g ON g.id = m.game_id LEFT JOIN users u ON u.id = m.user_id
                   WHERE m.status = 'published' $where ORDER BY $order LIMIT " . RSS_ITEMS);
    $items = array();
    foreach ($mods as $mod) {
        $link = site_url("/{$mod['domain']}/mods/{$mod['id']}");
        $items[] = array(
            'title' => fix_utf8($mod['name']) . ($updated ? " {$mod['version']}" : ''),
            'link' => $link,
            'guid' => $updated ? "$link#{$mod['version']}" : $link,
            'text' => fix_utf8($mod['summary']),
            'author' => (string) $mod['username'],
            'category' => $mod['game_name'],
            // updated is a TIMESTAMP, in UTC; published is the site's own wall time
            'time' => $updated ? rss_time($mod['updated'] . ' UTC') : rss_time($mod['published']),
        );
    }
    return $items;
}

function news_items()
{
    $items = array();
    foreach (rows("SELECT * FROM news ORDER BY `date` DESC, id DESC LIMIT " . RSS_ITEMS) as $news) {
        $link = site_url("/index.php?page=news&id={$news['id']}");
        $items[] = array('title' => fix_utf8($news['title']), 'link' => $link, 'guid' => $link,
            'text' => str_replace('href="/', 'href="' . site_url('/'), bbcode($news['body'])), 'author' => '', 'category' => 'News', 'time' => rss_time($news['date']));
    }
    return $items;
}

function rss_document($title, $self, $items)
{
    $newest = 0;
    $xml = '';
    foreach ($items as $item) {
        $newest = max($newest, $item['time']);
        $xml .= rss_item($item);
    }
    $xml = '<?xml version="1.0" encoding="utf-8"?>' . "\n"
        . '<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom" xmlns:dc="http://purl.org/dc/elements/1.1/">' . "\n"
        . "<channel>\n"
        . '<title>' . xml($title) . "</title>\n"
        . '<link>' . xml(site_url('/')) . "</link>\n"
        . '<atom:link href="' . xml($self) . '" rel="self" type="application/rss+xml" />' . "\n"
        . '<description>' . xml("$title at ModVault") . "</description>\n"
        . "<language>en-gb</language>\n"
        . ($newest ? '<lastBuildDate>' . date('r', $newest) . "</lastBuildDate>\n" : '')
        . "<ttl>60</ttl>\n"
        . $xml
        . "</channel>\n</rss>\n";
    send_conditional('application/rss+xml; charset=utf-8', $xml, $newest, 600);
}

$feed = isset($_GET['feed']) && is_string($_GET['feed']) ? $_GET['feed'] : 'added';
$domain = isset($_GET['game']) && is_string($_GET['game']) ? $_GET['game'] : '';
if (!in_array($feed, array('added', 'updated', 'news'), true)) {
    send_not_found();
}
$game = null;
if ($domain !== '') {
    $known = preg_match('/^[0-9a-z]{1,40}$/i', $domain) === 1;
    $game = $known ? row("SELECT id, domain, name FROM games WHERE domain = '$domain'") : null;
    if (!$game) {
        send_not_found();
    }
}
$query = ($feed === 'added' ? '' : "&feed=$feed") . ($game ? "&game={$game['domain']}" : '');
$self = site_url('/rss.xml' . ($query === '' ? '' : '?' . substr($query, 1)));
if ($feed === 'news') {
    rss_document('ModVault news', $self, news_items());
}
$what = $feed === 'updated' ? 'Latest updates' : 'Latest mods';
rss_document($game ? "$what for {$game['name']}" : $what, $self, mod_items($game, $feed === 'updated'));
