<?php
/*
 * One mod: index.php?page=mod&id=12 or /skyrim/mods/12
 *   cp=2       page of the comments
 *   reply=55   the comment form answers comment 55
 * Only reads (flash messages are the one thing that changes).
 */

define('COMMENTS_PER_PAGE', 20);
define('ENDORSERS_SHOWN', 12);
define('REQUIRED_BY_SHOWN', 20);

$id = isset($_GET['id']) ? (int) $_GET['id'] : 0;
$mod = row("SELECT m.id, m.game_id, m.category_id, m.user_id, m.name, m.summary, m.description, m.version, m.status, m.adult,
        m.endorsement_count, m.download_count, m.unique_downloads, m.comment_count, m.size_bytes, m.rating, m.permissions,
        m.created, m.published, m.updated, g.domain, g.name AS game_name, c.name AS category_name
    FROM mods m
    JOIN games g ON g.id = m.game_id
    LEFT JOIN categories c ON c.id = m.category_id
    WHERE m.id = $id");
$user = current_user();
$mine = $mod && $user && $mod['user_id'] == $user['id'];
$may_edit = $mine || is_admin();
$visible = $mod && ($mod['status'] == 'published' || is_admin() || ($mine && $mod['status'] != 'removed'));
if (!$visible) {
    error_page(404, 'Mod not found', 'This mod does not exist, or its author has hidden it.');
}
if (isset($_GET['game']) && $_GET['game'] !== $mod['domain']) {
    redirect(mod_url($mod), 301);
}

$author = row("SELECT id, username, `rank`, avatar, country, joined, mod_count FROM users WHERE id = " . $mod['user_id']);
$files = rows("SELECT id, name, filename, version, category, size_bytes, md5, changelog, downloads, `primary` + 0 AS is_primary, uploaded
    FROM mod_files WHERE mod_id = $id ORDER BY uploaded DESC, id DESC");
$images = rows("SELECT id, caption FROM mod_images WHERE mod_id = $id ORDER BY `position`, id");
$requirements = rows("SELECT r.requires_id, r.min_version, r.notes, m.game_id, m.name, m.status
    FROM mod_requirements r LEFT JOIN mods m ON m.id = r.requires_id
    WHERE r.mod_id = $id ORDER BY r.requires_id");
$required_by = rows("SELECT m.id, m.game_id, m.name, r.min_version, r.notes
    FROM mod_requirements r JOIN mods m ON m.id = r.mod_id
    WHERE r.requires_id = $id AND m.status = 'published'
    ORDER BY m.endorsement_count DESC, m.id LIMIT " . REQUIRED_BY_SHOWN);
$endorsers = rows("SELECT u.id, u.username, e.created
    FROM endorsements e JOIN users u ON u.id = e.user_id
    WHERE e.mod_id = $id AND e.status = 1
    ORDER BY e.created DESC, e.user_id DESC LIMIT " . ENDORSERS_SHOWN);
$comment_total = (int) val("SELECT COUNT(*) FROM comments WHERE mod_id = $id");
$comment_page = page_number(isset($_GET['cp']) ? $_GET['cp'] : 1, $comment_total, COMMENTS_PER_PAGE);
$comments = rows("SELECT c.id, c.user_id, c.parent_id, c.body, c.ip, c.created, c.edited, c.deleted,
        u.username, u.`rank`, u.avatar, u.country, u.joined, u.mod_count, u.signature, pu.username AS parent_name
    FROM comments c
    JOIN users u ON u.id = c.user_id
    LEFT JOIN comments p ON p.id = c.parent_id
    LEFT JOIN users pu ON pu.id = p.user_id
    WHERE c.mod_id = $id
    ORDER BY c.created DESC, c.id DESC
    LIMIT " . (($comment_page - 1) * COMMENTS_PER_PAGE) . ", " . COMMENTS_PER_PAGE);
$endorsed = $user && val("SELECT status FROM endorsements WHERE mod_id = $id AND user_id = " . $user['id']) == 1;
$reply_to = null;
if ($user && isset($_GET['reply'])) {
    $reply_to = row("SELECT c.id, u.username FROM comments c JOIN users u ON u.id = c.user_id
        WHERE c.id = " . (int) $_GET['reply'] . " AND c.mod_id = $id AND c.deleted = 0");
}

$name = fix_utf8($mod['name']);
$summary = fix_utf8($mod['summary']);
$url = mod_url($mod);
$crumbs = array(array('/' . $mod['domain'], $mod['game_name']));
if ($mod['category_name'] !== null) {
    $crumbs[] = array('/' . $mod['domain'] . '?cat=' . $mod['category_id'], $mod['category_name']);
}
page_header($name, array(
    'class' => 'mod',
    'game' => array('id' => $mod['game_id']),
    'canonical' => $url,
    'description' => $summary,
    'noindex' => $mod['status'] != 'published',
    'crumbs' => $crumbs,
    'script' => 'mod.js',
));
?>
<?php if ($mod['status'] != 'published') { ?>
<p class="flash info">This mod is <?php echo $mod['status'] == 'draft' ? 'a draft' : h($mod['status']); ?>. Visitors cannot see it.</p>
<?php } ?>
<div id="mod-head" class="box">
<h1><?php echo h($name); ?> <span class="version"><?php echo h($mod['version']); ?></span></h1>
<p class="by">by <?php if ($author) { ?><a href="<?php echo user_url($author); ?>"><?php echo h($author['username']); ?></a><?php } else { ?>a former member<?php } ?> for <a href="/<?php echo $mod['domain']; ?>"><?php echo h($mod['game_name']); ?></a></p>
<p class="summary"><?php echo h($summary); ?></p>
<?php if ($mod['adult'] == 1) { ?>
<p class="badge adult">Adult content</p>
<?php } elseif ($mod['adult'] == 2) { ?>
<p class="badge unreviewed">Not reviewed yet</p>
<?php } ?>
<?php if ($may_edit) { ?>
<p class="actions"><a href="/edit?id=<?php echo $id; ?>">Edit this mod</a> | <a href="/hide?id=<?php echo $id; ?>"><?php echo $mod['status'] == 'hidden' ? 'Show this mod again' : 'Hide this mod'; ?></a><?php if (is_admin()) { ?> | <a href="/admin">Administration</a><?php } ?></p>
<?php } ?>
</div>
<div id="side">
<div id="endorse" class="box">
<h2>Endorsements</h2>
<p class="big"><span id="endorse-count"><?php echo format_count($mod['endorsement_count']); ?></span></p>
<?php if (!$user) { ?>
<p><a class="button" href="/login?return=<?php echo urlencode($url); ?>">Log in to endorse</a></p>
<?php } elseif ($mine) { ?>
<p>This is your own mod.</p>
<?php } elseif ($mod['status'] == 'published') { ?>
<form id="endorse-form" action="/ajax.php" method="post">
<div><input type="hidden" id="endorse-action" name="action" value="<?php echo $endorsed ? 'abstain' : 'endorse'; ?>" /><input type="hidden" name="mod_id" value="<?php echo $id; ?>" /><?php echo csrf_field(); ?>

<button type="submit" id="endorse-button" class="button<?php if ($endorsed) { ?> on<?php } ?>"><?php echo $endorsed ? 'Endorsed - take it back' : 'Endorse this mod'; ?></button></div>
</form>
<p id="endorse-message" role="status"></p>
<?php } ?>
<?php if ($endorsers) { ?>
<h3>Latest</h3>
<ul class="endorsers">
<?php foreach ($endorsers as $e) { ?>
<li><a href="<?php echo user_url($e); ?>"><?php echo h($e['username']); ?></a> <span class="date"><?php echo format_date($e['created']); ?></span></li>
<?php } ?>
</ul>
<?php } else { ?>
<p>Nobody has endorsed this mod yet.</p>
<?php } ?>
</div>
<div class="box">
<h2>Facts</h2>
<table class="facts">
<tr><th scope="row">Version</th><td><?php echo h($mod['version']); ?></td></tr>
<tr><th scope="row">Category</th><td><?php echo $mod['category_name'] !== null ? h($mod['category_name']) : 'none'; ?></td></tr>
<tr><th scope="row">Size</th><td><?php echo format_size($mod['size_bytes']); ?></td></tr>
<tr><th scope="row">Downloads</th><td><?php echo format_count($mod['download_count']); ?></td></tr>
<tr><th scope="row">Unique downloads</th><td><?php echo format_count($mod['unique_downloads']); ?></td></tr>
<tr><th scope="row">Comments</th><td><?php echo format_count($mod['comment_count']); ?></td></tr>
<tr><th scope="row">Rating</th><td><?php echo $mod['rating'] == '0.00' ? 'not rated' : $mod['rating']; ?></td></tr>
<tr><th scope="row">Created</th><td><?php echo format_date($mod['created']); ?></td></tr>
<tr><th scope="row">Published</th><td><?php echo $mod['published'] === null ? 'not yet' : format_date($mod['published']); ?></td></tr>
<tr><th scope="row">Updated</th><td><?php echo format_date($mod['updated']); ?></td></tr>
<tr><th scope="row">You may</th><td><?php echo mod_permissions($mod['permissions']); ?></td></tr>
</table>
</div>
<?php if ($author) { ?>
<div class="box author">
<h2>Author</h2>
<p><img class="avatar" src="<?php echo avatar_url($author['avatar']); ?>" width="64" height="64" alt="" /> <a href="<?php echo user_url($author); ?>"><?php echo h($author['username']); ?></a></p>
<p class="rank"><?php echo rank_name($author['rank']); ?></p>
<p>Joined <?php echo format_date(substr($author['joined'], 0, 10)); ?><?php if ($author['country'] != '') { ?> from <?php echo h($author['country']); ?><?php } ?>, <?php echo count_of($author['mod_count'], 'mod'); ?></p>
</div>
<?php } ?>
<p class="report"><a href="/contact?mod=<?php echo $id; ?>">Report this mod</a></p>
</div>
<div id="content">
<ul id="tabs">
<li><a href="#description">Description</a></li>
<li><a href="#files">Files (<?php echo count($files); ?>)</a></li>
<li><a href="#images">Images (<?php echo count($images); ?>)</a></li>
<li><a href="#requirements">Requirements (<?php echo count($requirements); ?>)</a></li>
<li><a href="#comments">Comments (<?php echo format_count($comment_total); ?>)</a></li>
</ul>
<div id="description" class="box">
<h2>Description</h2>
<div class="bb"><?php echo bbcode($mod['description']); ?></div>
</div>
<div id="files" class="box">
<h2>Files</h2>
<?php if (!$files) { ?>
<p>There is nothing to download yet.</p>
<?php } ?>
<?php foreach (file_categories() as $category => $title) { ?>
<?php $in_category = files_of_category($files, $category); if (!$in_category) continue; ?>
<h3><?php echo $title; ?></h3>
<?php foreach ($in_category as $f) { ?>
<div class="file" id="file-<?php echo $f['id']; ?>">
<p class="download"><a class="button" href="/download/<?php echo $f['id']; ?>">Download<span class="hidden"> <?php echo h(fix_utf8($f['name'])); ?></span></a></p>
<h4><?php echo h(fix_utf8($f['name'])); ?><?php if ($f['version'] != '') { ?> <span class="version"><?php echo h($f['version']); ?></span><?php } ?><?php if ($f['is_primary']) { ?> <span class="badge">Main download</span><?php } ?></h4>
<p class="meta"><?php echo h($f['filename']); ?> | <?php echo format_size($f['size_bytes']); ?> | <?php echo format_date($f['uploaded']); ?> | <?php echo count_of($f['downloads'], 'download'); ?><?php if ($f['md5'] != '') { ?> | MD5 <code><?php echo h($f['md5']); ?></code><?php } ?></p>
<?php if ((string) $f['changelog'] !== '') { ?>
<p class="changelog"><?php echo text_lines($f['changelog']); ?></p>
<?php } ?>
</div>
<?php } ?>
<?php } ?>
</div>
<div id="images" class="box">
<h2>Images</h2>
<?php if (!$images) { ?>
<p>There are no pictures of this mod.</p>
<?php } else { ?>
<ul class="gallery">
<?php foreach ($images as $n => $image) { ?>
<li><a href="/image.php?id=<?php echo $image['id']; ?>"><img src="/image.php?id=<?php echo $image['id']; ?>&amp;size=thumb" width="200" height="112" alt="<?php echo $image['caption'] != '' ? h(fix_utf8($image['caption'])) : 'Picture ' . ($n + 1); ?>" /></a><?php if ($image['caption'] != '') { ?><br /><?php echo h(fix_utf8($image['caption'])); ?><?php } ?></li>
<?php } ?>
</ul>
<?php } ?>
</div>
<div id="requirements" class="box">
<h2>Requirements</h2>
<?php if (!$requirements) { ?>
<p>This mod needs nothing but the game.</p>
<?php } else { ?>
<ul>
<?php foreach ($requirements as $r) { ?>
<li><?php if ($r['status'] === 'published') { ?><a href="<?php echo mod_url(array('id' => $r['requires_id'], 'game_id' => $r['game_id'])); ?>"><?php echo h(fix_utf8($r['name'])); ?></a><?php } else { ?>Mod <?php echo $r['requires_id']; ?> (no longer on this site)<?php } ?><?php if ($r['min_version'] != '') { ?>, version <?php echo h($r['min_version']); ?> or later<?php } ?><?php if ($r['notes'] != '') { ?> - <?php echo h(fix_utf8($r['notes'])); ?><?php } ?></li>
<?php } ?>
</ul>
<?php } ?>
<?php if ($required_by) { ?>
<h3>Mods requiring this</h3>
<ul>
<?php foreach ($required_by as $r) { ?>
<li><a href="<?php echo mod_url($r); ?>"><?php echo h(fix_utf8($r['name'])); ?></a><?php if ($r['min_version'] != '') { ?>, from version <?php echo h($r['min_version']); ?><?php } ?></li>
<?php } ?>
</ul>
<?php } ?>
</div>
<div id="comments" class="box">
<h2>Comments</h2>
<?php echo paginate($comment_total, COMMENTS_PER_PAGE, $comment_page, $url . '?cp={page}#comments'); ?>
<?php if (!$comments) { ?>
<p>No comments yet.</p>
<?php } ?>
<?php foreach ($comments as $c) { ?>
<?php if ($c['deleted']) { ?>
<div class="comment deleted" id="comment-<?php echo $c['id']; ?>">
<p>This comment was deleted.</p>
</div>
<?php continue; } ?>
<div class="comment<?php if ($c['user_id'] == $mod['user_id']) { ?> by-author<?php } ?>" id="comment-<?php echo $c['id']; ?>">
<div class="poster">
<img class="avatar" src="<?php echo avatar_url($c['avatar']); ?>" width="64" height="64" alt="" />
<p><a href="<?php echo user_url(array('id' => $c['user_id'])); ?>"><?php echo h($c['username']); ?></a></p>
<p class="rank"><?php echo rank_name($c['rank']); ?></p>
<p>Joined <?php echo format_date(substr($c['joined'], 0, 10)); ?></p>
<p><?php echo count_of($c['mod_count'], 'mod'); ?></p>
</div>
<div class="post">
<p class="meta"><a href="#comment-<?php echo $c['id']; ?>">#<?php echo $c['id']; ?></a> <?php echo format_date($c['created']); ?><?php if ($c['parent_name'] !== null) { ?>, in reply to <?php echo h($c['parent_name']); ?><?php } ?><?php if (is_admin()) { ?>, from <?php echo long2ip((int) $c['ip']); ?><?php } ?></p>
<div class="bb"><?php echo bbcode($c['body']); ?></div>
<?php if ($c['edited'] != '0000-00-00 00:00:00') { ?>
<p class="edited">Edited <?php echo format_date($c['edited']); ?></p>
<?php } ?>
<?php if ($c['signature'] != '') { ?>
<div class="signature bb"><?php echo bbcode($c['signature']); ?></div>
<?php } ?>
<?php if ($user) { ?>
<div class="actions"><a href="<?php echo $url; ?>?reply=<?php echo $c['id']; ?>#comment-form">Reply</a><?php if ($c['user_id'] == $user['id'] || is_admin()) { ?> | <a href="/comment?action=edit&amp;id=<?php echo $c['id']; ?>">Edit</a> | <form action="/comment" method="post"><div><input type="hidden" name="action" value="delete" /><input type="hidden" name="id" value="<?php echo $c['id']; ?>" /><?php echo csrf_field(); ?><input type="submit" class="link" value="Delete" /></div></form><?php } ?></div>
<?php } ?>
</div>
</div>
<?php } ?>
<?php echo paginate($comment_total, COMMENTS_PER_PAGE, $comment_page, $url . '?cp={page}#comments'); ?>
<?php if ($user && $mod['status'] == 'published') { ?>
<form id="comment-form" action="/comment" method="post">
<div><input type="hidden" name="action" value="add" /><input type="hidden" name="mod_id" value="<?php echo $id; ?>" /><input type="hidden" name="parent_id" value="<?php echo $reply_to ? $reply_to['id'] : '0'; ?>" /><?php echo csrf_field(); ?></div>
<h3><?php if ($reply_to) { ?>Reply to <?php echo h($reply_to['username']); ?><?php } else { ?>Add a comment<?php } ?></h3>
<p><label for="comment-body">Your comment (BBCode is allowed)</label><br /><textarea id="comment-body" name="body" rows="6" cols="70"></textarea></p>
<p><input type="submit" class="button" value="Post comment" /></p>
</form>
<?php } elseif (!$user) { ?>
<p><a href="/login?return=<?php echo urlencode($url . '#comments'); ?>">Log in</a> to write a comment.</p>
<?php } ?>
</div>
</div>
<?php
page_footer();

function file_categories() {
    return array(
        'main' => 'Main files',
        'update' => 'Updates',
        'optional' => 'Optional files',
        'misc' => 'Miscellaneous',
        '' => 'Other files',
        'old' => 'Old versions',
    );
}

function files_of_category($files, $category) {
    $found = array();
    foreach ($files as $f) {
        if ($f['category'] === $category) {
            $found[] = $f;
        }
    }
    return $found;
}

/* 'modify,console' => 'modify it, convert it for consoles' */
function mod_permissions($set) {
    $names = array(
        'modify' => 'modify it',
        'redistribute' => 'upload it elsewhere',
        'console' => 'convert it for consoles',
        'assets' => 'use its assets',
    );
    $texts = array();
    foreach ($names as $key => $text) {
        if (in_array($key, explode(',', $set))) {
            $texts[] = $text;
        }
    }
    return $texts ? implode(', ', $texts) : 'ask the author first';
}
