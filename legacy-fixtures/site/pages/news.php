<?php
/*
 * News: /news, /news?p=2, one of them: /news?id=3
 * Visitors without a session get ETag and Last-Modified; the page does not change often.
 */
define('NEWS_PER_PAGE', 5);

$id = isset($_GET['id']) ? (int) $_GET['id'] : 0;
$total = (int) val("SELECT COUNT(*) FROM news");
$newest = (string) val("SELECT MAX(`date`) FROM news");
$page = page_number(isset($_GET['p']) ? $_GET['p'] : 1, $total, NEWS_PER_PAGE);
if (!has_session() && !isset($_COOKIE[REMEMBER_COOKIE])) {
    news_not_modified('"' . md5("news $id $page $total $newest " . ASSET_VERSION) . '"', strtotime($newest . ' 12:00:00 UTC'));
}
$items = rows("SELECT n.id, n.title, n.body, n.`date`, u.id AS user_id, u.username FROM news n LEFT JOIN users u ON u.id = n.author_id "
    . ($id ? "WHERE n.id = $id" : "ORDER BY n.`date` DESC, n.id DESC LIMIT " . (($page - 1) * NEWS_PER_PAGE) . ", " . NEWS_PER_PAGE));
if ($id && !$items) {
    error_page(404, 'News not found', 'This news item is gone.');
}
page_header($id ? $items[0]['title'] : 'News', array('class' => 'news', 'crumbs' => $id ? array(array('/news', 'News')) : array()));
?>
<?php foreach ($items as $n) { ?>
<div class="box" id="news-<?php echo $n['id']; ?>">
<?php if ($id) { ?>
<h1><?php echo h($n['title']); ?></h1>
<?php } else { ?>
<h2><a href="/news?id=<?php echo $n['id']; ?>"><?php echo h($n['title']); ?></a></h2>
<?php } ?>
<p class="meta"><?php echo format_date($n['date']); ?><?php if ($n['username'] !== null) { ?>, by <a href="/users/<?php echo $n['user_id']; ?>"><?php echo h($n['username']); ?></a><?php } ?></p>
<div class="bb"><?php echo bbcode($n['body']); ?></div>
</div>
<?php } ?>
<?php if (!$id) { echo paginate($total, NEWS_PER_PAGE, $page, '/news?p={page}'); } ?>
<?php
page_footer();

function news_not_modified($etag, $time) {
    $modified = gmdate('D, d M Y H:i:s', (int) $time) . ' GMT';
    header('ETag: ' . $etag);
    header('Last-Modified: ' . $modified);
    header('Cache-Control: public, max-age=60');
    $same = isset($_SERVER['HTTP_IF_NONE_MATCH'])
        ? in_array($etag, array_map('trim', explode(',', str_replace('W/', '', $_SERVER['HTTP_IF_NONE_MATCH']))))
        : isset($_SERVER['HTTP_IF_MODIFIED_SINCE']) && $_SERVER['HTTP_IF_MODIFIED_SINCE'] === $modified;
    if ($same) {
        header('HTTP/1.1 304 Not Modified');
        exit;
    }
}
